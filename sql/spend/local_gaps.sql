-- Grain: one paying body (or the group), coverage, amount basis, financial year and category.
-- Where much is bought and little of it in the area although somebody there could deliver: the list
-- from which a market is made. What counts as much, little and could is in ref.spend_parameters.
with parameters as (
    select
        max(case when parameter = 'gap_high_spend_share' then parameter_value end) as high_share,
        max(case when parameter = 'gap_low_local_ratio' then parameter_value end) as low_ratio,
        max(case when parameter = 'gap_location_quotient' then parameter_value end)
            as least_quotient,
        max(case when parameter = 'gap_known_local_suppliers' then parameter_value end)
            as least_suppliers
    from ref.spend_parameters
),
-- Whoever delivers from the area, whichever body paid and when.
known_suppliers as (
    select
        coalesce(lower(category_level_1), 'not_stated') as category,
        count(distinct supplier_key) as known_local_suppliers
    from spend.in_scope_payments
    where local_delivery and is_identified
    group by coalesce(lower(category_level_1), 'not_stated')
),
categories as (
    select
        cell.body_code,
        cell.coverage,
        cell.amount_basis,
        cell.financial_year,
        cell.breakdown_value as category,
        cell.breakdown_label as category_label,
        cell.spend_gbp,
        whole.spend_gbp as all_spend_gbp,
        case when whole.spend_gbp > 0 then share(cell.spend_gbp, whole.spend_gbp) end as spend_share,
        cell.local_gbp,
        cell.not_local_gbp,
        cell.unknown_gbp,
        cell.known_gbp,
        cell.local_share_of_known as local_share,
        whole.local_share_of_known as all_local_share,
        cell.lower_share,
        cell.upper_share,
        cell.suppliers,
        cell.local_suppliers,
        coalesce(known_suppliers.known_local_suppliers, 0) as known_local_suppliers,
        quotient.location_quotient,
        quotient.local_businesses,
        parameters.high_share,
        parameters.low_ratio,
        case
            when quotient.location_quotient is not null then 'location_quotient'
            else 'known_suppliers'
        end as capacity_basis,
        case
            when quotient.location_quotient is not null
                then quotient.location_quotient >= parameters.least_quotient
            else coalesce(known_suppliers.known_local_suppliers, 0) >= parameters.least_suppliers
        end as has_local_capacity
    from spend.local_spend as cell
    cross join parameters
    inner join spend.local_spend as whole
        on cell.body_code = whole.body_code
        and cell.coverage = whole.coverage
        and cell.amount_basis = whole.amount_basis
        and cell.financial_year = whole.financial_year
        and cell.local_definition = whole.local_definition
        and whole.breakdown = 'all'
    left join known_suppliers on cell.breakdown_value = known_suppliers.category
    left join stage.spend_location_quotients as quotient
        on cell.breakdown_value = quotient.category
    where cell.breakdown = 'category' and cell.local_definition = 'delivery_branch'
)

select
    body_code,
    coverage,
    amount_basis,
    financial_year,
    category,
    category_label,
    spend_gbp,
    all_spend_gbp,
    spend_share,
    local_gbp,
    not_local_gbp,
    unknown_gbp,
    known_gbp,
    local_share,
    all_local_share,
    lower_share,
    upper_share,
    suppliers,
    local_suppliers,
    known_local_suppliers,
    local_businesses,
    location_quotient,
    spend_share >= high_share as is_high_spend,
    local_share < low_ratio * all_local_share as is_low_local,
    has_local_capacity,
    capacity_basis,
    category <> 'not_stated'
    and spend_share >= high_share
    and local_share < low_ratio * all_local_share
    and has_local_capacity as market_making,
    null_reasons([
        ['spend_share', case when spend_share is null then 'non_positive_denominator' end],
        ['local_share', case when local_share is null then 'not_known' end],
        ['all_local_share', case when all_local_share is null then 'not_known' end],
        ['location_quotient', case when location_quotient is null then 'not_supplied' end],
        ['local_businesses', case when local_businesses is null then 'not_supplied' end]
    ]) as null_reasons
from categories
