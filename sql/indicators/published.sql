-- Grain: one figure of one publication.
-- What was printed, beside what is computed for the same year now. Where a figure rests on the Indices
-- of Deprivation, it is held against what is computed with the edition that was the newest on the day of
-- publication; with the first, where nobody says the day. Another map is no difference to explain.
with edition_used as (
    select
        figures.indicator_id,
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.published_in,
        coalesce(
            max(edition.iod_edition) filter (where edition.released_date <= figures.published_date),
            min(edition.iod_edition)
        ) as iod_edition
    from stage.published_figures as figures
    cross join ref.iod_edition as edition
    group by
        figures.indicator_id,
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.published_in
),

recomputed as (
    select
        figures.indicator_id,
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.published_in,
        case when on_map.measured_value is not null then on_map.iod_edition end as iod_edition,
        coalesce(on_map.measured_value, without_map.measured_value) as recomputed_value
    from stage.published_figures as figures
    left join edition_used
        on
            figures.indicator_id = edition_used.indicator_id
            and figures.financial_year = edition_used.financial_year
            and figures.breakdown = edition_used.breakdown
            and figures.breakdown_value = edition_used.breakdown_value
            and figures.published_in = edition_used.published_in
    left join indicators.measurements as on_map
        on
            figures.indicator_id = on_map.indicator_id
            and figures.financial_year = on_map.financial_year
            and figures.breakdown = on_map.breakdown
            and figures.breakdown_value = on_map.breakdown_value
            and edition_used.iod_edition = on_map.iod_edition
    left join indicators.measurements as without_map
        on
            figures.indicator_id = without_map.indicator_id
            and figures.financial_year = without_map.financial_year
            and figures.breakdown = without_map.breakdown
            and figures.breakdown_value = without_map.breakdown_value
            and without_map.iod_edition is null
)

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
    recomputed.iod_edition,
    recomputed.recomputed_value,
    recomputed.recomputed_value - figures.published_value as difference,
    coalesce(abs(recomputed.recomputed_value - figures.published_value) > figures.rounding, false)
    and figures.definition_difference is null as needs_explanation
from stage.published_figures as figures
inner join recomputed
    on
        figures.indicator_id = recomputed.indicator_id
        and figures.financial_year = recomputed.financial_year
        and figures.breakdown = recomputed.breakdown
        and figures.breakdown_value = recomputed.breakdown_value
        and figures.published_in = recomputed.published_in
