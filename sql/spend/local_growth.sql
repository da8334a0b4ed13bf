-- Grain: one row of spend.local_spend of a financial year: all procurement, or goods, services or
-- works.
-- Change of spend, local spend and the local share since the site's year one and since the year
-- before, in cash and in the prices of the year compared with. Year one is computed by the method of
-- today; what was frozen of it stands in indicators.baseline.
with figures as (
    select
        spend.body_code,
        spend.coverage,
        spend.amount_basis,
        spend.financial_year,
        cast(left(spend.financial_year, 4) as bigint) as year_begins,
        spend.breakdown,
        spend.breakdown_value,
        spend.breakdown_label,
        spend.local_definition,
        spend.spend_gbp,
        spend.local_gbp,
        spend.local_share_of_known as local_share
    from spend.local_spend as spend
    where
        spend.breakdown in ('all', 'goods_services_works')
        and spend.financial_year <> 'unknown_period'
),
prices as (
    select
        deflator.index_year,
        deflator.index_value
    from stage.impact_deflators as deflator
    where deflator.year_basis = 'financial'
),
bases as (
    select
        current_year.body_code,
        current_year.coverage,
        current_year.amount_basis,
        current_year.financial_year,
        current_year.breakdown,
        current_year.breakdown_value,
        current_year.breakdown_label,
        current_year.local_definition,
        current_year.spend_gbp,
        current_year.local_gbp,
        current_year.local_share,
        base_kind.compared_with,
        base.financial_year as base_year,
        base.spend_gbp as base_spend_gbp,
        base.local_gbp as base_local_gbp,
        base.local_share as base_local_share,
        prices_now.index_value / prices_then.index_value as price_ratio
    from figures as current_year
    cross join site.settings as settings
    cross join (
        select unnest(['year_one', 'year_before']) as compared_with
    ) as base_kind
    inner join figures as base
        on current_year.body_code = base.body_code
        and current_year.coverage = base.coverage
        and current_year.amount_basis = base.amount_basis
        and current_year.breakdown = base.breakdown
        and current_year.breakdown_value = base.breakdown_value
        and current_year.local_definition = base.local_definition
        and current_year.year_begins > base.year_begins
        and case base_kind.compared_with
            when 'year_one' then base.financial_year = settings.baseline_year
            else base.year_begins = current_year.year_begins - 1
        end
    left join prices as prices_now on current_year.year_begins = prices_now.index_year
    left join prices as prices_then on base.year_begins = prices_then.index_year
)

select
    body_code,
    coverage,
    amount_basis,
    financial_year,
    breakdown,
    breakdown_value,
    breakdown_label,
    local_definition,
    compared_with,
    base_year,
    spend_gbp,
    base_spend_gbp,
    spend_gbp - base_spend_gbp as spend_change_gbp,
    relative_change(base_spend_gbp, spend_gbp) as spend_change_share,
    real_change(base_spend_gbp, spend_gbp, price_ratio) as spend_real_change_share,
    local_gbp,
    base_local_gbp,
    local_gbp - base_local_gbp as local_change_gbp,
    relative_change(base_local_gbp, local_gbp) as local_change_share,
    real_change(base_local_gbp, local_gbp, price_ratio) as local_real_change_share,
    local_share,
    base_local_share,
    local_share - base_local_share as local_share_difference,
    relative_change(base_local_share, local_share) as local_share_change_share,
    price_ratio,
    null_reasons([
        ['spend_change_share', relative_change_reason(base_spend_gbp)],
        [
            'spend_real_change_share',
            coalesce(
                relative_change_reason(base_spend_gbp),
                case when price_ratio is null then 'no_deflator' end
            )
        ],
        ['local_change_share', relative_change_reason(base_local_gbp)],
        [
            'local_real_change_share',
            coalesce(
                relative_change_reason(base_local_gbp),
                case when price_ratio is null then 'no_deflator' end
            )
        ],
        [
            'local_share_difference',
            case when local_share is null or base_local_share is null then 'no_share' end
        ],
        [
            'local_share_change_share',
            case
                when local_share is null or base_local_share is null then 'no_share'
                else relative_change_reason(base_local_share)
            end
        ],
        ['price_ratio', case when price_ratio is null then 'no_deflator' end]
    ]) as null_reasons
from bases
