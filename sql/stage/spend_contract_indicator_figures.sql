-- Grain: one indicator of one financial year and part of the contracts.
-- M19: contracts above £20,000 with social value in the decision, and its weight; CO13 the former by
-- value. What is not evidenced counts as such: the share is of all contracts, and its upper bound
-- takes every one of them for a yes. The mean weight is of the contracts whose weight is known; its
-- bounds take the others for nothing and for everything.
with cell as (
    select
        figures.*,
        case
            when figures.body_code <> 'group' and figures.breakdown = 'all' then 'body'
            else figures.breakdown
        end as figure_breakdown,
        case
            when figures.body_code <> 'group' and figures.breakdown = 'all' then figures.body_code
            else figures.breakdown_value
        end as figure_value,
        coalesce(body.body_name, figures.breakdown_label) as figure_label
    from spend.contract_weighting as figures
    left join site.bodies as body on figures.body_code = body.body_code
    where
        figures.body_code = 'group' and figures.breakdown in ('all', 'goods_services_works', 'directorate')
        or figures.breakdown = 'all'
),

figure as (
    select
        'M19a' as indicator_id,
        cell.financial_year,
        cell.figure_breakdown,
        cell.figure_value,
        cell.figure_label,
        cell.sv_share as measured_value,
        cast(cell.sv_contracts as double) as numerator,
        cast(cell.contracts as double) as denominator,
        cell.sv_share as bound_low,
        cell.sv_upper_share as bound_high,
        share(cell.contracts - cell.not_evidenced_contracts, cell.contracts) as completeness_share,
        cast(null as varchar) as null_reason
    from cell
    union all
    select
        'M19b' as indicator_id,
        cell.financial_year,
        cell.figure_breakdown,
        cell.figure_value,
        cell.figure_label,
        cell.mean_weight_pct as measured_value,
        case when cell.weighted_contracts > 0 then cell.weights_pct end as numerator,
        cast(cell.weighted_contracts as double) as denominator,
        coalesce(cell.weights_pct, 0) / cell.contracts as bound_low,
        (coalesce(cell.weights_pct, 0) + 100.0 * (cell.contracts - cell.weighted_contracts)) / cell.contracts
            as bound_high,
        share(cell.weighted_contracts, cell.contracts) as completeness_share,
        if(cell.weighted_contracts = 0, 'not_evidenced', null) as null_reason
    from cell
    union all
    select
        'CO13' as indicator_id,
        cell.financial_year,
        cell.figure_breakdown,
        cell.figure_value,
        cell.figure_label,
        cell.sv_value_share as measured_value,
        cast(cell.sv_gbp as double) as numerator,
        cast(cell.contracts_gbp as double) as denominator,
        cell.sv_value_share as bound_low,
        cell.sv_value_upper_share as bound_high,
        share(cell.contracts_gbp - cell.not_evidenced_gbp, cell.contracts_gbp) as completeness_share,
        cast(null as varchar) as null_reason
    from cell
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.figure_breakdown as breakdown,
    figure.figure_value as breakdown_value,
    figure.figure_label as breakdown_label,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    figure.bound_low,
    figure.bound_high,
    figure.completeness_share,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
