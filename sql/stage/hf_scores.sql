-- Grain: one measure of one person at one wave.
-- Seven items make the raw total of SWEMWBS, and the published table its metric score; with one
-- item missing there is none. The questions of ONS4 and the scales of the Outcomes Star stand
-- for themselves and are never summed (methods, B6).
with counted as (
    select assessment.*
    from raw.housingfirst_assessment as assessment
    inner join stage.hf_supplies as supply
        on assessment.body_code = supply.body_code and assessment.extract_date = supply.extract_date
    qualify
        row_number() over (
            partition by
                assessment.body_code, assessment.person_key, assessment.wave, assessment.instrument
            order by assessment.done_date desc nulls last, assessment.assessment_key
        ) = 1
),

item as (
    select
        counted.*,
        unnest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) as item,
        unnest(
            [
                counted.item_1, counted.item_2, counted.item_3, counted.item_4, counted.item_5,
                counted.item_6, counted.item_7, counted.item_8, counted.item_9, counted.item_10
            ]
        ) as answer
    from counted
),

scored as (
    select
        counted.body_code,
        counted.person_key,
        measures.measure,
        counted.wave,
        counted.due_date,
        counted.done_date,
        cast(metric.metric_score as double) as score
    from counted
    inner join ref.hf_outcome_measures as measures
        on counted.instrument = measures.instrument and measures.item is null
    left join ref.swemwbs_metric as metric
        on
            counted.done_date is not null
            and metric.raw_total
            = counted.item_1 + counted.item_2 + counted.item_3 + counted.item_4
            + counted.item_5 + counted.item_6 + counted.item_7
    union all
    select
        item.body_code,
        item.person_key,
        measures.measure,
        item.wave,
        item.due_date,
        item.done_date,
        case when item.done_date is not null then cast(item.answer as double) end as score
    from item
    inner join ref.hf_outcome_measures as measures
        on item.instrument = measures.instrument and item.item = measures.item
)

select
    scored.body_code,
    scored.person_key,
    scored.measure,
    lower(scored.wave) as wave,
    scored.due_date,
    scored.done_date,
    scored.score,
    scored.done_date is not null and scored.score is null as is_incomplete,
    bands.band
from scored
left join ref.ons4_bands as bands
    on
        scored.measure = bands.question
        and scored.score between bands.lowest and bands.highest
