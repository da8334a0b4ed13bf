-- Grain: one indicator of the year that was frozen for it, breakdown value and edition; sealed.
-- What was known when the baseline was frozen, what was published then, and what is computed for the
-- same year now.
with published as (
    select
        figures.indicator_id,
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.published_value,
        figures.published_in,
        row_number() over (
            partition by
                figures.indicator_id, figures.financial_year, figures.breakdown,
                figures.breakdown_value
            order by figures.published_date asc nulls last, figures.published_in
        ) as publication_order
    from stage.published_figures as figures
)

select
    frozen.indicator_id,
    frozen.financial_year,
    frozen.breakdown,
    frozen.breakdown_value,
    frozen.iod_edition,
    frozen.unit,
    frozen.measured_value as baseline_value,
    frozen.null_reason,
    published.published_value,
    published.published_in,
    measurement.measured_value as recomputed_value,
    measurement.measured_value - frozen.measured_value as restatement,
    frozen.version,
    frozen.frozen_at,
    frozen.software,
    frozen.definition_hash,
    frozen.inputs_hash,
    frozen.seal
from site.baseline_values as frozen
left join published
    on
        frozen.indicator_id = published.indicator_id
        and frozen.financial_year = published.financial_year
        and frozen.breakdown = published.breakdown
        and frozen.breakdown_value = published.breakdown_value
        and published.publication_order = 1
left join indicators.measurements as measurement
    on
        frozen.indicator_id = measurement.indicator_id
        and frozen.financial_year = measurement.financial_year
        and frozen.breakdown = measurement.breakdown
        and frozen.breakdown_value = measurement.breakdown_value
        and frozen.iod_edition is not distinct from measurement.iod_edition
where not coalesce(frozen.is_superseded, false)
