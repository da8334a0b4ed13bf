-- Grain: one parameter in one submission.
-- Ready reckoners are parameters that every project may use. What a site loads goes before what is shipped under the same name.
with shipped as (
    select
        'SHARED' as submission,
        reckoners.reckoner_id as parameter_id,
        'point' as distribution,
        cast(null as double) as low,
        cast(reckoners.factor_value as double) as mode,
        cast(null as double) as high,
        cast(null as double) as mean,
        cast(null as double) as sd,
        cast(null as varchar) as values_list,
        'ready reckoner: ' || reckoners.factor || ', ' || reckoners.step as description,
        reckoners.source_ref,
        reckoners.mark = 'recalled' as is_recalled
    from ref.impact_ready_reckoners as reckoners
),

loaded as (
    select
        parameters.submission,
        parameters.parameter_id,
        parameters.distribution,
        cast(parameters.low as double) as low,
        cast(parameters.mode as double) as mode,
        cast(parameters.high as double) as high,
        cast(parameters.mean as double) as mean,
        cast(parameters.sd as double) as sd,
        parameters.values_list,
        parameters.description,
        parameters.source_ref,
        false as is_recalled
    from raw.impact_parameters as parameters
)

select
    loaded.submission,
    loaded.parameter_id,
    loaded.distribution,
    loaded.low,
    loaded.mode,
    loaded.high,
    loaded.mean,
    loaded.sd,
    loaded.values_list,
    loaded.description,
    loaded.source_ref,
    loaded.is_recalled
from loaded
union all
select
    shipped.submission,
    shipped.parameter_id,
    shipped.distribution,
    shipped.low,
    shipped.mode,
    shipped.high,
    shipped.mean,
    shipped.sd,
    shipped.values_list,
    shipped.description,
    shipped.source_ref,
    shipped.is_recalled
from shipped
left join loaded
    on
        shipped.submission = loaded.submission
        and shipped.parameter_id = loaded.parameter_id
where loaded.parameter_id is null
