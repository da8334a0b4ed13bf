-- Grain: one KPI of one contract.
-- From the authority's own list, and from the last notice where that list has none of the contract.
-- A KPI of a notice is taken for social value by its words. The list is one register of deliverables,
-- and what notices tell is another.
with listed as (
    select
        kpi.body_code,
        coalesce(known.contract_ref, kpi.contract_ref) as contract_ref,
        kpi.kpi_ref,
        kpi.kpi_name,
        kpi.kpi_owner,
        kpi.is_social_value,
        cast(kpi.target as double) as target,
        kpi.unit,
        kpi.better,
        kpi.due_date,
        'authority' as told_by
    from raw.contracts_kpis as kpi
    left join stage.contracts_known as known
        on
            kpi.body_code = known.body_code
            and kpi.contract_ref in (upper(known.contract_ref), known.register_ref)
    qualify
        row_number() over (
            partition by kpi.body_code, kpi.contract_ref, kpi.kpi_ref
            order by kpi.contract_ref = upper(known.contract_ref) desc, known.contract_ref
        ) = 1
),

agreed as (
    select
        compiled.body_code,
        compiled.ocid,
        coalesce(
            json_extract_string(held.holder, '$.awardID'), json_extract_string(held.holder, '$.id')
        ) as award_id,
        json_extract_string(metric.entry, '$.id') as kpi_ref,
        json_extract_string(metric.entry, '$.title') as kpi_name,
        json_extract(metric.entry, '$.observations[0]') as observation
    from stage.contracts_ocds_states as compiled
    cross join unnest(
        list_concat(
            json_extract(compiled.compiled, '$.awards[*]'), json_extract(compiled.compiled, '$.contracts[*]')
        )
    ) as held(holder)
    cross join unnest(json_extract(held.holder, '$.agreedMetrics[*]')) as metric(entry)
    where compiled.is_latest
),

worded as (
    select distinct agreed.kpi_name -- a name may hold several words
    from agreed
    inner join ref.contracts_social_value_words as word
        on text_fits(match_text(agreed.kpi_name), 'phrase', word.word)
    where word.is_social_value
),

noticed as (
    select
        agreed.body_code,
        known.contract_ref,
        upper(agreed.kpi_ref) as kpi_ref,
        agreed.kpi_name,
        cast(null as varchar) as kpi_owner,
        worded.kpi_name is not null as is_social_value,
        try_cast(
            coalesce(
                json_extract_string(agreed.observation, '$.measure'),
                json_extract_string(agreed.observation, '$.value.amount')
            ) as double
        ) as target,
        json_extract_string(agreed.observation, '$.unit.name') as unit,
        'higher' as better,
        coalesce(
            notice_date(json_extract_string(agreed.observation, '$.period.endDate'), settings.time_zone),
            known.end_date
        ) as due_date,
        'notice' as told_by
    from agreed
    inner join stage.contracts_known as known
        on
            agreed.body_code = known.body_code
            and agreed.ocid = known.ocid
            and agreed.award_id = known.award_id
    left join worded on agreed.kpi_name = worded.kpi_name
    cross join site.settings as settings
    qualify
        row_number() over (
            partition by agreed.body_code, known.contract_ref, upper(agreed.kpi_ref)
            order by agreed.kpi_name, cast(agreed.observation as varchar)
        ) = 1
)

select
    listed.body_code,
    listed.contract_ref,
    listed.kpi_ref,
    listed.kpi_name,
    listed.kpi_owner,
    listed.is_social_value,
    listed.target,
    listed.unit,
    listed.better,
    listed.due_date,
    listed.told_by,
    'contracts ' || listed.body_code as submission
from listed
union all
select
    noticed.body_code,
    noticed.contract_ref,
    noticed.kpi_ref,
    noticed.kpi_name,
    noticed.kpi_owner,
    noticed.is_social_value,
    noticed.target,
    noticed.unit,
    noticed.better,
    noticed.due_date,
    noticed.told_by,
    'notices ' || noticed.body_code as submission
from noticed
where
    not exists (
        select 1
        from listed
        where listed.body_code = noticed.body_code and listed.contract_ref = noticed.contract_ref
    )
