-- Grain: one question of personal well-being of one body in one financial year.
-- What staff say of their well-being (EM11): the mean of each question with its interval, and how many
-- are in the band of those who are not well. A question that was not asked has its row and the reason.
-- is_shown says whether the open table may show the figures: enough people answered.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'normal_quantile_95')
            as z,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as least_shown
    from ref.pay_parameters as parameters
),

employer as (
    select
        people.body_code,
        financial_year(
            people.snapshot_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        count(*) as employees
    from stage.people_employees as people
    cross join site.settings as settings
    group by
        people.body_code,
        financial_year(
            people.snapshot_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        )
),

answered as (
    select
        employer.body_code,
        employer.financial_year,
        employer.employees,
        questions.question,
        questions.question_label,
        questions.better,
        questions.unwell_band,
        wellbeing.answered,
        wellbeing.unwell,
        wellbeing.points / cast(wellbeing.answered as double) as mean_points,
        case
            when wellbeing.answered > 1 then sqrt(
                greatest(
                    wellbeing.squares
                    - wellbeing.points * wellbeing.points / cast(wellbeing.answered as double),
                    0
                )
                / (wellbeing.answered - 1) / wellbeing.answered
            )
        end as standard_error
    from employer
    cross join ref.wellbeing_questions as questions
    left join stage.people_wellbeing as wellbeing
        on
            employer.body_code = wellbeing.body_code
            and employer.financial_year = wellbeing.financial_year
            and questions.question = wellbeing.question
)

select
    answered.body_code,
    answered.financial_year,
    answered.question,
    answered.question_label,
    answered.better,
    answered.unwell_band,
    answered.answered as answered_rounded,
    answered.unwell as unwell_rounded,
    answered.mean_points,
    answered.mean_points - parameter.z * answered.standard_error as ci_low,
    answered.mean_points + parameter.z * answered.standard_error as ci_high,
    share(answered.unwell, answered.answered) as unwell_share,
    share(answered.answered, answered.employees) as response_rate,
    coalesce(answered.answered >= parameter.least_shown, true) as is_shown,
    cast(null as varchar) as withheld,
    null_reasons(
        [['mean_points', case when answered.answered is null then 'not_supplied' end]]
    ) as null_reasons
from answered
cross join parameter
