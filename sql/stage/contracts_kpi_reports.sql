-- Grain: one KPI in one period.
-- What contract managers report, and what the last notice says was reached, of KPIs that the notice
-- tells. The period of the latter is the financial year in which the observed one ends, and the day
-- of the report that of the notice.
with reported as (
    select
        report.body_code,
        coalesce(known.contract_ref, report.contract_ref) as contract_ref,
        'authority' as told_by,
        report.kpi_ref,
        report.monitoring_period,
        report.reported_date,
        cast(report.actual as double) as actual,
        cast(report.evidenced as double) as evidenced,
        report.rating,
        report.action_text,
        report.action_owner,
        report.action_due,
        report.action_status
    from raw.contracts_kpi_reports as report
    left join stage.contracts_known as known
        on
            report.body_code = known.body_code
            and report.contract_ref in (upper(known.contract_ref), known.register_ref)
    qualify
        row_number() over (
            partition by report.body_code, report.contract_ref, report.kpi_ref, report.monitoring_period
            order by report.contract_ref = upper(known.contract_ref) desc, known.contract_ref
        ) = 1
),

contracts as (
    select
        compiled.body_code,
        compiled.ocid,
        release.released_date,
        coalesce(
            json_extract_string(listed.contract, '$.awardID'), json_extract_string(listed.contract, '$.id')
        ) as award_id,
        json_extract(listed.contract, '$.implementation.metrics[*]') as metrics
    from stage.contracts_ocds_states as compiled
    inner join stage.contracts_ocds_releases as release
        on
            compiled.body_code = release.body_code
            and compiled.ocid = release.ocid
            and compiled.release_id = release.release_id
    cross join unnest(json_extract(compiled.compiled, '$.contracts[*]')) as listed(contract)
    where compiled.is_latest
),

observations as (
    select
        contracts.body_code,
        contracts.ocid,
        contracts.award_id,
        contracts.released_date,
        upper(json_extract_string(metric.entry, '$.id')) as kpi_ref,
        observed.observation
    from contracts
    cross join unnest(contracts.metrics) as metric(entry)
    cross join unnest(json_extract(metric.entry, '$.observations[*]')) as observed(observation)
),

noticed as (
    select
        observations.body_code,
        known.contract_ref,
        'notice' as told_by,
        observations.kpi_ref,
        financial_year(
            coalesce(
                notice_date(
                    json_extract_string(observations.observation, '$.period.endDate'), settings.time_zone
                ),
                observations.released_date
            ),
            settings.financial_year_start_month, settings.financial_year_start_day
        ) as monitoring_period,
        observations.released_date as reported_date,
        try_cast(
            coalesce(
                json_extract_string(observations.observation, '$.measure'),
                json_extract_string(observations.observation, '$.value.amount')
            ) as double
        ) as actual,
        cast(null as double) as evidenced,
        cast(null as varchar) as rating,
        cast(null as varchar) as action_text,
        cast(null as varchar) as action_owner,
        cast(null as date) as action_due,
        cast(null as varchar) as action_status
    from observations
    inner join stage.contracts_known as known
        on
            observations.body_code = known.body_code
            and observations.ocid = known.ocid
            and observations.award_id = known.award_id
    cross join site.settings as settings
    qualify
        row_number() over (
            partition by observations.body_code, known.contract_ref, observations.kpi_ref, monitoring_period
            order by
                json_extract_string(observations.observation, '$.period.endDate') desc nulls last,
                cast(observations.observation as varchar)
        ) = 1
),

-- What the authority reports itself stands before the notice.
said as (
    select * from reported
    union all
    select noticed.*
    from noticed
    where
        not exists (
            select 1
            from reported
            where
                reported.body_code = noticed.body_code
                and reported.contract_ref = noticed.contract_ref
                and reported.kpi_ref = noticed.kpi_ref
                and reported.monitoring_period = noticed.monitoring_period
        )
)

select
    said.body_code,
    said.contract_ref,
    said.kpi_ref,
    said.monitoring_period,
    said.told_by,
    said.reported_date,
    said.actual,
    said.evidenced,
    said.rating,
    case
        when said.rating = 'good' then true
        when said.rating in ('approaching_target', 'requires_improvement', 'inadequate') then false
        when kpi.better = 'higher' then said.actual >= kpi.target
        else said.actual <= kpi.target
    end as is_met,
    said.action_text,
    said.action_owner,
    said.action_due,
    said.action_status
from said
inner join stage.contracts_kpis as kpi
    on
        said.body_code = kpi.body_code
        and said.contract_ref = kpi.contract_ref
        and said.kpi_ref = kpi.kpi_ref
