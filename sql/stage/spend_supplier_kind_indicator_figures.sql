-- Grain: one indicator of one financial year, of the bodies together (all) or of one body.
-- Suppliers that are third sector by legal form (CO01) and those of the Real Living Wage on the last
-- day of the year (CO02): a of all suppliers, b of all the money. The value is the least it can be;
-- the upper bound takes everyone of whom it is not known for one of the kind.
with rests_on as (
    -- The payments that M13 rests on: of several coverages the fullest.
    select
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.breakdown_label,
        figures.figure_basis,
        if(figures.breakdown = 'all', 'group', figures.breakdown_value) as body_code,
        -- Payments of some bodies or some months alone have no figure at all.
        case
            when figures.null_reason in ('mixed_coverage', 'year_incomplete') then figures.null_reason
        end as partly_reason
    from stage.spend_indicator_figures as figures
    where figures.indicator_id = 'M13'
),

cell as (
    select
        rests_on.*,
        kinds.supplier_kind,
        kinds.suppliers,
        kinds.of_kind_suppliers,
        kinds.known_suppliers,
        kinds.spend_gbp,
        kinds.of_kind_gbp,
        kinds.known_gbp,
        json_extract_string(kinds.null_reasons, '$.of_kind_suppliers') as supplied_reason
    from spend.supplier_kinds as kinds
    inner join rests_on
        on kinds.financial_year = rests_on.financial_year
        and kinds.body_code = rests_on.body_code
        and starts_with(
            rests_on.figure_basis || ',', kinds.coverage || ', ' || kinds.amount_basis || ','
        )
),

figure as (
    select
        cell.*,
        if(cell.supplier_kind = 'third_sector', 'CO01a', 'CO02a') as indicator_id,
        cast(cell.of_kind_suppliers as double) as numerator,
        cast(cell.suppliers as double) as denominator,
        share(cell.of_kind_suppliers, cell.suppliers) as least_share,
        share(
            cell.suppliers - cell.known_suppliers + cell.of_kind_suppliers, cell.suppliers
        ) as greatest_share,
        share(cell.known_suppliers, cell.suppliers) as known_share,
        coalesce(
            cell.supplied_reason,
            case
                when cell.suppliers = 0 then 'zero_base'
                when cell.known_suppliers = 0 then 'no_known'
            end
        ) as null_reason
    from cell
    union all
    select
        cell.*,
        if(cell.supplier_kind = 'third_sector', 'CO01b', 'CO02b') as indicator_id,
        cast(cell.of_kind_gbp as double) as numerator,
        cast(cell.spend_gbp as double) as denominator,
        part_share(cell.of_kind_gbp, cell.spend_gbp) as least_share,
        -- Without the least share there is none: a part is no part of the whole.
        case
            when part_share(cell.of_kind_gbp, cell.spend_gbp) is not null
                then part_share(
                    cell.spend_gbp - cell.known_gbp + cell.of_kind_gbp, cell.spend_gbp
                )
        end as greatest_share,
        part_share(cell.known_gbp, cell.spend_gbp) as known_share,
        coalesce(
            cell.supplied_reason,
            case
                when cell.spend_gbp <= 0 then 'non_positive_denominator'
                when cell.of_kind_gbp not between 0 and cell.spend_gbp then 'negative_component'
                when cell.known_suppliers = 0 then 'no_known'
            end
        ) as null_reason
    from cell
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.figure_basis,
    case
        when coalesce(figure.partly_reason, figure.null_reason) is null then figure.least_share
    end as measured_value,
    case when figure.partly_reason is null then figure.numerator end as numerator,
    case when figure.partly_reason is null then figure.denominator end as denominator,
    case when figure.partly_reason is null then figure.least_share end as bound_low,
    case when figure.partly_reason is null then figure.greatest_share end as bound_high,
    case when figure.partly_reason is null then figure.known_share end as completeness_share,
    coalesce(figure.partly_reason, figure.null_reason) as null_reason
from figure
