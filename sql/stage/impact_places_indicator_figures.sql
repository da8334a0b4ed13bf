-- Grain: one indicator of one financial year, and edition of the Indices.
-- IN02: of the approved money that has a site placed, what lies in deciles 1 and 2. Area-wide schemes
-- stand apart. The headline, without edition, is of the edition in force in the year of the baseline;
-- each edition that is loaded has its own row beside it.
with placed as (
    select
        places.*,
        coalesce(
            json_extract_string(places.null_reasons, '$.placed_gbp'),
            case
                when places.placed_gbp = 0 and places.unplaced_gbp > 0 then 'no_known'
                when places.placed_gbp = 0 then 'zero_base'
            end
        ) as null_reason
    from impact.investment_places as places
),

figure as (
    select
        placed.*,
        cast(null as varchar) as shown_edition,
        'Indices of ' || placed.iod_edition as figure_basis
    from placed
    inner join ref.spend_parameters as headline
        on headline.parameter = 'headline_iod_edition'
        and cast(placed.iod_edition as integer) = headline.parameter_value
    union all
    select
        placed.*,
        placed.iod_edition as shown_edition,
        cast(null as varchar) as figure_basis
    from placed
)

select
    'IN02' as indicator_id,
    figure.financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    'All' as breakdown_label,
    figure.shown_edition as iod_edition,
    figure.figure_basis,
    case when figure.null_reason is null then share(figure.deprived_gbp, figure.placed_gbp) end
        as measured_value,
    cast(figure.deprived_gbp as double) as numerator,
    cast(figure.placed_gbp as double) as denominator,
    share(figure.deprived_gbp, figure.placed_gbp + figure.unplaced_gbp) as bound_low,
    share(figure.deprived_gbp + figure.unplaced_gbp, figure.placed_gbp + figure.unplaced_gbp)
        as bound_high,
    share(figure.placed_gbp, figure.placed_gbp + figure.unplaced_gbp) as completeness_share,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
