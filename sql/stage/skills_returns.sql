-- Grain: one body in one academic year.
-- Whether the learner record of a year is in. Providers mend it until the final return, some months
-- after the year; before, learners and outcomes are still missing. A record in which too many planned
-- ends have no outcome is an earlier return, whatever the day.
with parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'return_months')
            as integer
        ) as return_months,
        max(parameters.parameter_value) filter (
            where parameters.parameter = 'most_without_outcome'
        ) as most_without_outcome
    from ref.skills_parameters as parameters
),

year as (
    select
        aims.body_code,
        aims.academic_year,
        count(*) filter (where aims.is_due) as aims_due,
        count(*) filter (where aims.is_awaited) as aims_awaited
    from stage.skills_aims as aims
    group by aims.body_code, aims.academic_year
)

select
    year.body_code,
    year.academic_year,
    year.aims_due,
    year.aims_awaited,
    cast(
        make_date(cast(left(year.academic_year, 4) as integer) + 1, 8, 1)
        + to_months(parameter.return_months) as date
    ) as returned_on,
    case
        when
            make_date(cast(left(year.academic_year, 4) as integer) + 1, 8, 1)
            + to_months(parameter.return_months) > today.as_of
            then 'awaited'
        when
            year.aims_awaited
            > parameter.most_without_outcome * (year.aims_due + year.aims_awaited)
            then 'early_return'
        else 'final'
    end as return_state
from year
cross join parameter
cross join site.as_of as today
