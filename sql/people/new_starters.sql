-- Grain: one status before the start, of one body in one financial year.
-- Employees taken on in the year by what they were before: each status, the three groups of the
-- framework together (M04 to M06), and all.
-- in_open_table names the rows that the open table has; is_shown those of them whose figures it shows.
-- The three groups stand there as one sum; where one of the sums is small, none but all is shown.
with starter as (
    select
        starters.body_code,
        financial_year(
            starters.started_on,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        coalesce(lower(starters.previous_status), 'not_recorded') as previous_status
    from stage.people_new_starters as starters
    cross join site.settings as settings
),

years as (
    select
        starter.body_code,
        starter.financial_year,
        count(*) as starters
    from starter
    group by starter.body_code, starter.financial_year
),

status as (
    select
        years.body_code,
        years.financial_year,
        statuses.previous_status,
        statuses.status_label,
        statuses.status_group,
        statuses.measure,
        years.starters as everybody,
        count(starter.previous_status) as starters
    from years
    cross join ref.starter_statuses as statuses
    left join starter
        on
            years.body_code = starter.body_code
            and years.financial_year = starter.financial_year
            and statuses.previous_status = starter.previous_status
    group by
        years.body_code, years.financial_year, statuses.previous_status, statuses.status_label,
        statuses.status_group, statuses.measure, years.starters
),

every_row as (
    select
        status.body_code,
        status.financial_year,
        'status' as status_level,
        status.previous_status,
        status.status_label,
        status.measure,
        status.starters,
        status.everybody
    from status
    union all
    select
        status.body_code,
        status.financial_year,
        'group' as status_level,
        status.status_group as previous_status,
        case status.status_group
            when 'framework_groups' then 'Long-term unemployed, NEET, rehabilitating offenders'
            when 'others' then 'Other known statuses'
            else 'Not known'
        end as status_label,
        case when status.status_group = 'framework_groups' then 'M04 to M06' end as measure,
        cast(sum(status.starters) as bigint) as starters,
        max(status.everybody) as everybody
    from status
    group by status.body_code, status.financial_year, status.status_group
    union all
    select
        years.body_code,
        years.financial_year,
        'total' as status_level,
        'all' as previous_status,
        'All new employees' as status_label,
        cast(null as varchar) as measure,
        years.starters,
        years.starters as everybody
    from years
),

parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as bigint
        ) as least_shown
    from ref.pay_parameters as parameters
),

-- Those of unknown status may be nobody.
shown as (
    select
        every_row.body_code,
        every_row.financial_year,
        every_row.status_level,
        bool_and(
            every_row.starters >= parameter.least_shown
            or (every_row.previous_status = 'not_known' and every_row.starters = 0)
        ) as is_shown
    from every_row
    cross join parameter
    group by every_row.body_code, every_row.financial_year, every_row.status_level
)

select
    every_row.body_code,
    every_row.financial_year,
    every_row.status_level,
    every_row.previous_status,
    every_row.status_label,
    every_row.measure,
    every_row.starters as starters_rounded,
    every_row.everybody as everybody_rounded,
    share(every_row.starters, every_row.everybody) as starters_share,
    every_row.status_level <> 'status' as in_open_table,
    shown.is_shown,
    false as suppressed,
    cast(null as varchar) as null_reason
from every_row
inner join shown
    on
        every_row.body_code = shown.body_code
        and every_row.financial_year = shown.financial_year
        and every_row.status_level = shown.status_level
