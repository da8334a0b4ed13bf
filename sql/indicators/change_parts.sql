-- Grain: one indicator of one financial year after that of its baseline, breakdown value and edition.
-- The change since what was frozen, taken apart: what the service did, on one map, from what is known
-- now and in the prices of the baseline's year; what the three largest suppliers did; what the new map
-- did; what rising prices did; what became known later. The series of two editions stand side by side and
-- are never joined (C11).
with baseline_edition as (
    select
        comparison.indicator_id,
        comparison.financial_year,
        comparison.breakdown,
        comparison.breakdown_value,
        coalesce(
            min(comparison.iod_edition) filter (where comparison.baseline_version is not null),
            min(comparison.iod_edition)
        ) as iod_edition
    from indicators.comparison as comparison
    where comparison.baseline_value is not null
    group by
        comparison.indicator_id, comparison.financial_year, comparison.breakdown,
        comparison.breakdown_value
),

-- What is left of a change without the three largest suppliers of each year, both years as known now.
without_largest as (
    select
        comparison.indicator_id,
        comparison.financial_year,
        comparison.change_like_for_like
    from indicators.comparison as comparison
    where
        comparison.breakdown = 'without'
        and comparison.breakdown_value = 'three_largest_suppliers'
        and comparison.iod_edition is null
),

on_one_map as (
    select
        comparison.indicator_id,
        comparison.financial_year,
        comparison.breakdown,
        comparison.breakdown_value,
        comparison.iod_edition,
        comparison.baseline_year,
        comparison.baseline_version,
        comparison.baseline_value,
        comparison.measured_value,
        comparison.measured_value - comparison.real_value as change_by_prices,
        comparison.change_by_restatement,
        comparison.change_like_for_like - without_largest.change_like_for_like
            as change_by_largest_suppliers,
        coalesce(comparison.real_value, comparison.measured_value) - comparison.recomputed_baseline_value
        - coalesce(comparison.change_like_for_like - without_largest.change_like_for_like, 0)
            as change_of_service
    from indicators.comparison as comparison
    left join without_largest
        on
            comparison.breakdown = 'all'
            and comparison.indicator_id = without_largest.indicator_id
            and comparison.financial_year = without_largest.financial_year
    inner join baseline_edition
        on
            comparison.indicator_id = baseline_edition.indicator_id
            and comparison.financial_year = baseline_edition.financial_year
            and comparison.breakdown = baseline_edition.breakdown
            and comparison.breakdown_value = baseline_edition.breakdown_value
            and comparison.iod_edition is not distinct from baseline_edition.iod_edition
    where comparison.significance <> 'not_comparable' and comparison.change is not null
),

parts as (
    select
        measurement.indicator_id,
        measurement.financial_year,
        measurement.breakdown,
        measurement.breakdown_value,
        measurement.breakdown_label,
        measurement.iod_edition,
        measurement.unit,
        on_one_map.baseline_year,
        on_one_map.baseline_version,
        on_one_map.iod_edition as baseline_edition,
        on_one_map.baseline_value,
        measurement.measured_value,
        measurement.measured_value - on_one_map.baseline_value as change,
        on_one_map.change_of_service,
        on_one_map.change_by_largest_suppliers,
        case
            when measurement.iod_edition is distinct from on_one_map.iod_edition
                then measurement.measured_value - on_one_map.measured_value
        end as change_by_map,
        on_one_map.change_by_prices,
        on_one_map.change_by_restatement
    from on_one_map
    inner join indicators.measurements as measurement
        on
            on_one_map.indicator_id = measurement.indicator_id
            and on_one_map.financial_year = measurement.financial_year
            and on_one_map.breakdown = measurement.breakdown
            and on_one_map.breakdown_value = measurement.breakdown_value
            and (on_one_map.iod_edition is null) = (measurement.iod_edition is null)
    where measurement.measured_value is not null
)

select
    parts.indicator_id,
    parts.financial_year,
    parts.breakdown,
    parts.breakdown_value,
    parts.breakdown_label,
    parts.iod_edition,
    parts.unit,
    parts.baseline_year,
    parts.baseline_version,
    parts.baseline_edition,
    parts.baseline_value,
    parts.measured_value,
    parts.change,
    parts.change_of_service,
    parts.change_by_largest_suppliers,
    parts.change_by_map,
    parts.change_by_prices,
    parts.change_by_restatement,
    case
        when
            parts.change_by_map is null
            and parts.change_by_largest_suppliers is null
            and coalesce(parts.change_by_prices, 0) = 0
            and coalesce(parts.change_by_restatement, 0) = 0
            then null
        else
            'Of the change of ' || change_text(parts.change, parts.unit) || ' since ' || parts.baseline_year || ', '
            || coalesce(
                change_text(parts.change_by_map, parts.unit) || ' comes from the map of '
                || parts.iod_edition || ' in place of that of ' || parts.baseline_edition || '; ',
                ''
            )
            || coalesce(
                change_text(parts.change_by_largest_suppliers, parts.unit)
                || ' comes from the three largest suppliers; ',
                ''
            )
            || coalesce(
                change_text(nullif(parts.change_by_prices, 0), parts.unit) || ' comes from prices; ', ''
            )
            || coalesce(
                change_text(nullif(parts.change_by_restatement, 0), parts.unit)
                || ' was not known when the baseline was frozen; ',
                ''
            )
            || change_text(parts.change_of_service, parts.unit) || ' remains.'
    end as sentence
from parts
