-- Grain: one body (group: all of them) in one financial year and part of its contracts.
-- Contracts above £20,000 that were let in the year, or that a modification brought above it in the
-- year; frameworks are out, call-offs count by their own value. Unknown is not evidenced, and not a
-- no: it widens the bounds. A weight of the quality score alone is none of the whole.
with counted as (
    select
        contract.body_code,
        contract.above_20k_financial_year as financial_year,
        coalesce(contract.goods_services_works, 'not_stated') as goods_services_works,
        contract.size_band,
        coalesce(contract.directorate, 'not_stated') as directorate,
        contract.above_20k_by,
        contract.value_gbp,
        contract.sv_in_decision,
        case when contract.sv_weight_basis = 'total' then contract.sv_weight_pct end as weight_pct,
        contract.sv_weight_is_above_cap,
        contract.sv_kpis
    from spend.contracts as contract
    where contract.counts_above_20k and contract.above_20k_financial_year is not null
),

parts as (
    select
        counted.*,
        part.breakdown,
        part.breakdown_value
    from counted
    cross join unnest([
        {'breakdown': 'all', 'breakdown_value': 'all'},
        {'breakdown': 'goods_services_works', 'breakdown_value': counted.goods_services_works},
        {'breakdown': 'size_band', 'breakdown_value': counted.size_band},
        {'breakdown': 'directorate', 'breakdown_value': counted.directorate},
        {'breakdown': 'above_20k_by', 'breakdown_value': counted.above_20k_by}
    ]) as listed(part)
),

summed as (
    select
        if(grouping(parts.body_code) = 1, 'group', parts.body_code) as body_code,
        parts.financial_year,
        parts.breakdown,
        parts.breakdown_value,
        count(*) as contracts,
        count(*) filter (where parts.sv_in_decision) as sv_contracts,
        count(*) filter (where parts.sv_in_decision is null) as not_evidenced_contracts,
        sum(parts.value_gbp) as contracts_gbp,
        coalesce(sum(parts.value_gbp) filter (where parts.sv_in_decision), 0) as sv_gbp,
        coalesce(sum(parts.value_gbp) filter (where parts.sv_in_decision is null), 0) as not_evidenced_gbp,
        count(parts.weight_pct) as weighted_contracts,
        exact_sum(parts.weight_pct) as weights_pct,
        min(parts.weight_pct) as least_weight_pct,
        max(parts.weight_pct) as greatest_weight_pct,
        count(*) filter (where parts.sv_weight_is_above_cap) as above_cap_contracts,
        count(*) filter (where parts.sv_kpis > 0) as contracts_with_sv_kpis
    from parts
    group by
        grouping sets (
            (parts.body_code, parts.financial_year, parts.breakdown, parts.breakdown_value),
            (parts.financial_year, parts.breakdown, parts.breakdown_value)
        )
)

select
    summed.body_code,
    summed.financial_year,
    summed.breakdown,
    summed.breakdown_value,
    if(summed.breakdown_value = 'all', 'All', replace(summed.breakdown_value, '_', ' ')) as breakdown_label,
    summed.contracts,
    summed.sv_contracts,
    summed.not_evidenced_contracts,
    summed.contracts_gbp,
    summed.sv_gbp,
    summed.not_evidenced_gbp,
    share(summed.sv_contracts, summed.contracts) as sv_share,
    share(summed.sv_contracts + summed.not_evidenced_contracts, summed.contracts) as sv_upper_share,
    share(summed.sv_gbp, summed.contracts_gbp) as sv_value_share,
    share(summed.sv_gbp + summed.not_evidenced_gbp, summed.contracts_gbp) as sv_value_upper_share,
    summed.weighted_contracts,
    summed.weights_pct,
    case
        when summed.weighted_contracts > 0 then summed.weights_pct / summed.weighted_contracts
    end as mean_weight_pct,
    summed.least_weight_pct,
    summed.greatest_weight_pct,
    summed.above_cap_contracts,
    summed.contracts_with_sv_kpis
from summed
