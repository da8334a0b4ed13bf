-- Grain: one figure of one publication.
-- What was printed, beside what is computed for the same year now.
select
    figures.indicator_id,
    figures.financial_year,
    figures.breakdown,
    figures.breakdown_value,
    figures.published_value,
    figures.unit,
    figures.published_in,
    figures.page,
    figures.published_date,
    figures.definition_difference,
    measurement.measured_value as recomputed_value,
    measurement.measured_value - figures.published_value as difference,
    coalesce(abs(measurement.measured_value - figures.published_value) > figures.rounding, false)
    and figures.definition_difference is null as needs_explanation
from stage.published_figures as figures
left join indicators.measurements as measurement
    on
        figures.indicator_id = measurement.indicator_id
        and figures.financial_year = measurement.financial_year
        and figures.breakdown = measurement.breakdown
        and figures.breakdown_value = measurement.breakdown_value
        and measurement.iod_edition is null
