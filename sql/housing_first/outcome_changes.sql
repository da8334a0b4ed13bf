-- Grain: one measure at one wave, of one year and group.
-- Not all who were due could be asked again, and who could not is not like the others: pairs
-- stand over due, and the means of those lost stand beside. There was no comparison group: a
-- change is not an effect.
with parameter as (
    select max(parameters.parameter_value) as least_pairs
    from ref.hf_parameters as parameters
    where parameters.parameter = 'least_pairs'
)

select
    paired.body_code,
    paired.financial_year,
    paired.measure,
    measures.measure_label,
    measures.unit,
    measures.better,
    paired.wave,
    paired.breakdown,
    paired.breakdown_value,
    paired.due,
    paired.pairs,
    paired.lost,
    share(paired.pairs, paired.due) as pairs_share,
    case when paired.pairs >= parameter.least_pairs then paired.baseline_of_pairs end
        as baseline_of_pairs,
    case when paired.pairs >= parameter.least_pairs then paired.follow_up_of_pairs end
        as follow_up_of_pairs,
    case when paired.lost >= parameter.least_pairs then paired.baseline_of_lost end
        as baseline_of_lost,
    case when paired.pairs >= parameter.least_pairs then paired.mean_change end as mean_change,
    case when paired.pairs >= parameter.least_pairs then paired.ci_low end as ci_low,
    case when paired.pairs >= parameter.least_pairs then paired.ci_high end as ci_high,
    case when paired.pairs >= parameter.least_pairs then paired.improved end as improved,
    case when paired.pairs >= parameter.least_pairs then share(paired.improved, paired.pairs) end
        as improved_share,
    case when paired.pairs >= parameter.least_pairs then paired.same end as same,
    case when paired.pairs >= parameter.least_pairs then share(paired.same, paired.pairs) end
        as same_share,
    case when paired.pairs >= parameter.least_pairs then paired.worsened end as worsened,
    case when paired.pairs >= parameter.least_pairs then share(paired.worsened, paired.pairs) end
        as worsened_share,
    case when paired.pairs < parameter.least_pairs then 'too_few_pairs' end as null_reason
from stage.hf_paired as paired
cross join parameter
inner join ref.hf_outcome_measures as measures
    on paired.measure = measures.measure
