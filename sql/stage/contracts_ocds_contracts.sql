-- Grain: what was known of one award of one process after one release.
-- An award stands for the contract that it leads to: contracts of one award are added up, without those
-- that were called off. A process without awards has one row, for its tender. Values are those without
-- VAT, in pounds.
with states as (
    select
        compiled.body_code,
        compiled.ocid,
        compiled.release_no,
        compiled.is_latest,
        compiled.compiled as text,
        release.released_date,
        release.notice_types,
        settings.time_zone
    from stage.contracts_ocds_states as compiled
    inner join stage.contracts_ocds_releases as release
        on
            compiled.body_code = release.body_code
            and compiled.ocid = release.ocid
            and compiled.release_id = release.release_id
    cross join site.settings as settings
),

awards as (
    select
        states.body_code,
        states.ocid,
        states.release_no,
        json_extract_string(listed.award, '$.id') as award_id,
        json_extract_string(listed.award, '$.title') as title,
        json_extract_string(listed.award, '$.status') as award_status,
        json_extract_string(listed.award, '$.date') as awarded_at,
        json_extract_string(listed.award, '$.value.amount') as amount,
        json_extract_string(listed.award, '$.value.amountGross') as gross_amount,
        json_extract_string(listed.award, '$.value.currency') as currency,
        json_extract_string(listed.award, '$.aboveThreshold') = 'true' as is_above_threshold,
        json_extract_string(listed.award, '$.contractPeriod.startDate') as starts_at,
        json_extract_string(listed.award, '$.contractPeriod.endDate') as ends_at,
        json_extract_string(listed.award, '$.relatedLots[*]') as lots,
        json_extract_string(listed.award, '$.suppliers[*].id') as supplier_ids
    from states
    cross join unnest(json_extract(states.text, '$.awards[*]')) as listed(award)
),

contracts as (
    select
        states.body_code,
        states.ocid,
        states.release_no,
        coalesce(
            json_extract_string(listed.contract, '$.awardID'), json_extract_string(listed.contract, '$.id')
        ) as award_id,
        json_extract_string(listed.contract, '$.id') as contract_id,
        json_extract_string(listed.contract, '$.title') as title,
        json_extract_string(listed.contract, '$.status') as contract_status,
        json_extract_string(listed.contract, '$.dateSigned') as signed_at,
        try_cast(json_extract_string(listed.contract, '$.value.amount') as decimal(18, 2)) as amount_gbp,
        try_cast(json_extract_string(listed.contract, '$.value.amountGross') as decimal(18, 2)) as gross_gbp,
        coalesce(json_extract_string(listed.contract, '$.value.currency'), 'GBP') as currency,
        json_extract_string(listed.contract, '$.period.startDate') as starts_at,
        json_extract_string(listed.contract, '$.period.endDate') as ends_at,
        list_max(json_extract_string(listed.contract, '$.amendments[*].date')) as amended_at
    from states
    cross join unnest(json_extract(states.text, '$.contracts[*]')) as listed(contract)
),

-- A contract that was called off is none of its award, unless all of them were.
standing as (
    select contracts.*
    from contracts
    qualify
        contracts.contract_status is distinct from 'cancelled'
        or bool_and(contracts.contract_status is not distinct from 'cancelled') over (
            partition by contracts.body_code, contracts.ocid, contracts.release_no, contracts.award_id
        )
),

contracts_of_awards as (
    select
        standing.body_code,
        standing.ocid,
        standing.release_no,
        standing.award_id,
        min(standing.contract_id) as contract_id,
        min(standing.title) as title,
        -- active, pending, terminated: what still runs has not ended.
        min(standing.contract_status) as contract_status,
        min(standing.signed_at) as signed_at,
        sum(standing.amount_gbp) as amount_gbp,
        sum(standing.gross_gbp) as gross_gbp,
        max(standing.currency) as currency,
        min(standing.starts_at) as starts_at,
        max(standing.ends_at) as ends_at,
        max(standing.amended_at) as amended_at
    from standing
    group by standing.body_code, standing.ocid, standing.release_no, standing.award_id
),

joined as (
    select
        coalesce(awards.body_code, contracted.body_code) as body_code,
        coalesce(awards.ocid, contracted.ocid) as ocid,
        coalesce(awards.release_no, contracted.release_no) as release_no,
        coalesce(awards.award_id, contracted.award_id) as award_id,
        contracted.contract_id,
        coalesce(contracted.title, awards.title) as title,
        coalesce(awards.award_status, 'active') as award_status,
        contracted.contract_status,
        coalesce(awards.awarded_at, contracted.signed_at) as awarded_at,
        coalesce(contracted.starts_at, awards.starts_at) as starts_at,
        coalesce(contracted.ends_at, awards.ends_at) as ends_at,
        contracted.amended_at,
        case
            when contracted.amount_gbp is not null then contracted.amount_gbp
            else try_cast(awards.amount as decimal(18, 2))
        end as amount,
        case
            when contracted.amount_gbp is not null or contracted.gross_gbp is not null
                then contracted.gross_gbp
            else try_cast(awards.gross_amount as decimal(18, 2))
        end as gross_amount,
        case
            when contracted.amount_gbp is not null then contracted.currency
            else coalesce(awards.currency, 'GBP')
        end as currency,
        awards.is_above_threshold,
        awards.lots,
        awards.supplier_ids
    from awards
    full join contracts_of_awards as contracted
        on
            awards.body_code = contracted.body_code
            and awards.ocid = contracted.ocid
            and awards.release_no = contracted.release_no
            and awards.award_id = contracted.award_id
)

select
    states.body_code,
    states.ocid,
    states.release_no,
    coalesce(joined.award_id, 'tender') as award_id,
    states.is_latest,
    states.released_date,
    states.notice_types,
    joined.contract_id,
    json_extract_string(states.text, '$.tender.id') as tender_ref,
    coalesce(joined.title, json_extract_string(states.text, '$.tender.title')) as title,
    coalesce(joined.award_status, 'none') as award_status,
    joined.contract_status,
    coalesce(json_extract_string(states.text, '$.tender.status'), 'not_stated') as tender_status,
    notice_date(joined.awarded_at, states.time_zone) as award_date,
    notice_date(joined.starts_at, states.time_zone) as start_date,
    notice_date(joined.ends_at, states.time_zone) as end_date,
    notice_date(joined.amended_at, states.time_zone) as amended_date,
    case when joined.currency = 'GBP' then joined.amount end as value_gbp,
    case when joined.currency = 'GBP' then joined.gross_amount end as gross_value_gbp,
    case
        when joined.currency <> 'GBP' then 'other_currency'
        when joined.amount is null then 'not_stated'
    end as value_null_reason,
    joined.is_above_threshold,
    coalesce(list_sort(joined.lots), []) as lots,
    coalesce(list_sort(joined.supplier_ids), []) as supplier_ids,
    json_extract_string(states.text, '$.tender.mainProcurementCategory') as goods_services_works,
    json_extract_string(states.text, '$.tender.classification.id') as cpv_code,
    coalesce(
        json_extract_string(states.text, '$.tender.procurementMethodDetails'),
        json_extract_string(states.text, '$.tender.procurementMethod')
    ) as procedure,
    case
        when
            list_contains(
                json_extract_string(states.text, '$.relatedProcesses[*].relationship[*]'), 'framework'
            )
            then 'call_off'
        when
            json_extract_string(states.text, '$.tender.techniques.hasFrameworkAgreement') = 'true'
            or list_contains(
                json_extract_string(states.text, '$.tender.lots[*].techniques.hasFrameworkAgreement'), 'true'
            )
            then 'framework'
        else 'contract'
    end as contract_kind,
    json_extract_string(states.text, '$.tender.legalBasis.id') as legal_basis,
    json_extract_string(states.text, '$.buyer.name') as buyer_name
from states
left join joined
    on
        states.body_code = joined.body_code
        and states.ocid = joined.ocid
        and states.release_no = joined.release_no
