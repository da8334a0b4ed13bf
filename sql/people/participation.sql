-- Grain: one measure of one body in one financial year, in one breakdown.
-- What staff took part in, over those who could: employees on the snapshot date that ends the year
-- (of promotions and leavers those on the snapshot date before it). A person counts once however
-- often. Hours are those of volunteering, days those of training in skills; qualifications are also told
-- as often as they were completed. Of the survey those count who answered the question.
-- in_open_table names the rows that the open table has; is_shown those of them whose figures it shows:
-- those who took part, those who did not, and each directorate are enough people, and nobody has more
-- than half of the hours, days or qualifications.
with employee as (
    select
        people.body_code,
        people.person_key,
        financial_year(
            people.snapshot_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        -- The year after the one that the snapshot date ends.
        financial_year(
            people.snapshot_date + 1,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as next_year,
        people.snapshot_date,
        people.grade,
        people.directorate,
        people.working_pattern,
        people.full_time_equivalent
    from stage.people_employees as people
    cross join site.settings as settings
),

measure as (
    select
        measures.measure,
        measures.measure_label,
        measures.framework_measure,
        measures.of_last_year
    from ref.participation_measures as measures
    where measures.measure <> 'good_health_and_wellbeing'
),

-- Who could take part, in each breakdown.
could as (
    select
        employee.body_code,
        case when measure.of_last_year then employee.next_year else employee.financial_year end
            as financial_year,
        measure.measure,
        employee.snapshot_date,
        employee.person_key,
        employee.full_time_equivalent,
        unnest(
            list_filter(staff_breakdowns(employee), lambda cell: cell.breakdown <> 'grade')
        ) as cell
    from employee
    cross join measure
),

-- A feed that says of everybody that they did not is one that was sent.
supplied as (
    select
        took.body_code,
        took.measure,
        took.financial_year
    from stage.people_participation as took
    union
    select
        starters.body_code,
        'apprenticeship_starts' as measure,
        financial_year(
            starters.started_on,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year
    from stage.people_new_starters as starters
    cross join site.settings as settings
    where starters.is_apprenticeship is not null
    union
    select
        learning.body_code,
        'qualifications' as measure,
        financial_year(
            learning.completed_on,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year
    from stage.people_learning as learning
    cross join site.settings as settings
    where learning.is_qualification is not null
),

counted as (
    select
        could.body_code,
        could.financial_year,
        could.measure,
        could.cell.breakdown as breakdown,
        could.cell.breakdown_value as breakdown_value,
        max(could.snapshot_date) as eligible_on,
        count(*) as eligible,
        count(took.person_key) as people,
        sum(took.hours) as hours,
        max(took.hours) as most_hours,
        sum(took.days) as days,
        max(took.days) as most_days,
        sum(took.times) as times,
        max(took.times) as most_times,
        exact_sum(could.full_time_equivalent) as full_time_equivalents,
        count(could.full_time_equivalent) as of_known_hours,
        bool_or(supplied.measure is not null) as is_supplied
    from could
    left join supplied
        on
            could.body_code = supplied.body_code
            and could.measure = supplied.measure
            and could.financial_year = supplied.financial_year
    left join stage.people_participation as took
        on
            could.body_code = took.body_code
            and could.financial_year = took.financial_year
            and could.measure = took.measure
            and could.person_key = took.person_key
    group by
        could.body_code, could.financial_year, could.measure, could.cell.breakdown,
        could.cell.breakdown_value
),

-- The year after the last snapshot has begun and is not over.
last_year as (
    select
        employee.body_code,
        max(employee.financial_year) as financial_year
    from employee
    group by employee.body_code
),

headcount as (
    select
        employee.body_code,
        employee.financial_year,
        count(*) as employees
    from employee
    group by employee.body_code, employee.financial_year
),

parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as bigint
        ) as least_shown,
        max(parameters.parameter_value) filter (where parameters.parameter = 'hours_known_least')
            as hours_known_least
    from ref.pay_parameters as parameters
),

every_row as (
    select
        counted.body_code,
        counted.financial_year,
        counted.measure,
        counted.breakdown,
        counted.breakdown_value,
        case when counted.is_supplied then counted.people end as people,
        case when counted.is_supplied then counted.eligible end as eligible,
        counted.eligible_on,
        counted.most_hours,
        case
            when counted.is_supplied and counted.measure = 'volunteers'
                then coalesce(counted.hours, 0)
        end as hours,
        counted.most_days,
        case when counted.is_supplied and counted.measure = 'skills_training' then counted.days end
            as training_days,
        case when counted.measure = 'qualifications' then counted.most_times end as most_times,
        case
            when counted.is_supplied and counted.measure = 'qualifications'
                then coalesce(counted.times, 0)
        end as qualifications,
        case
            when
                counted.is_supplied
                and counted.of_known_hours >= parameter.hours_known_least * counted.eligible
                then counted.full_time_equivalents
        end as full_time_equivalents,
        cast(null as double) as response_rate,
        case when not counted.is_supplied then 'not_supplied' end as reason
    from counted
    cross join parameter
    inner join last_year
        on
            counted.body_code = last_year.body_code
            and counted.financial_year <= last_year.financial_year
    union all
    select
        headcount.body_code,
        headcount.financial_year,
        'good_health_and_wellbeing' as measure,
        'all' as breakdown,
        'all' as breakdown_value,
        survey.good as people,
        survey.answered as eligible,
        cast(null as date) as eligible_on,
        cast(null as decimal(38, 10)) as most_hours,
        cast(null as decimal(38, 10)) as hours,
        cast(null as decimal(38, 10)) as most_days,
        cast(null as decimal(38, 10)) as training_days,
        cast(null as bigint) as most_times,
        cast(null as bigint) as qualifications,
        cast(null as decimal(38, 10)) as full_time_equivalents,
        share(survey.answers, headcount.employees) as response_rate,
        case when survey.answers is null then 'not_supplied' end as reason
    from headcount
    left join stage.people_survey as survey
        on
            headcount.body_code = survey.body_code
            and headcount.financial_year = survey.financial_year
),

-- A breakdown is shown for all its values or for none.
shown as (
    select
        every_row.body_code,
        every_row.financial_year,
        every_row.measure,
        every_row.breakdown,
        bool_and(
            every_row.people >= parameter.least_shown
            and every_row.eligible - every_row.people >= parameter.least_shown
            and coalesce(every_row.most_hours * 2 <= every_row.hours, true)
            and coalesce(every_row.most_days * 2 <= every_row.training_days, true)
            and coalesce(every_row.most_times * 2 <= every_row.qualifications, true)
        ) as is_shown
    from every_row
    cross join parameter
    group by
        every_row.body_code, every_row.financial_year, every_row.measure, every_row.breakdown
)

select
    every_row.body_code,
    every_row.financial_year,
    every_row.measure,
    measures.measure_label,
    measures.framework_measure,
    every_row.breakdown,
    every_row.breakdown_value,
    every_row.people as people_rounded,
    every_row.eligible as eligible_rounded,
    every_row.eligible_on,
    share(every_row.people, every_row.eligible) as participation_share,
    cast(every_row.hours as decimal(18, 2)) as hours,
    cast(every_row.training_days as decimal(18, 2)) as training_days,
    cast(every_row.qualifications as bigint) as qualifications,
    cast(every_row.full_time_equivalents as decimal(18, 2)) as full_time_equivalents,
    every_row.response_rate,
    every_row.breakdown in ('all', 'directorate') as in_open_table,
    coalesce(shown.is_shown, true) as is_shown,
    cast(null as varchar) as withheld,
    null_reasons(
        [
            ['people_rounded', every_row.reason],
            [
                'participation_share',
                case
                    when every_row.reason is not null then every_row.reason
                    when coalesce(every_row.eligible, 0) = 0 then 'zero_base'
                end
            ]
        ]
    ) as null_reasons
from every_row
inner join ref.participation_measures as measures
    on every_row.measure = measures.measure
left join shown
    on
        every_row.body_code = shown.body_code
        and every_row.financial_year = shown.financial_year
        and every_row.measure = shown.measure
        and every_row.breakdown = shown.breakdown
