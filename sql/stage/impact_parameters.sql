-- Grain: one parameter in one submission.
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
    parameters.source_ref
from raw.impact_parameters as parameters
