-- Grain: one year of joining.
with parameter as (
    select max(parameters.parameter_value) as least
    from ref.skills_parameters as parameters
    where parameters.parameter = 'least_people'
)

select
    paired.body_code,
    paired.financial_year,
    paired.due,
    case when supply.has_scores then paired.pairs end as pairs,
    case when supply.has_scores then share(paired.pairs, paired.due) end as pairs_share,
    case when paired.pairs >= parameter.least then paired.baseline_of_pairs end
        as baseline_of_pairs,
    case when paired.lost >= parameter.least then paired.baseline_of_lost end as baseline_of_lost,
    case when paired.pairs >= parameter.least then paired.mean_change end as mean_change,
    case when paired.pairs >= parameter.least then paired.ci_low end as ci_low,
    case when paired.pairs >= parameter.least then paired.ci_high end as ci_high,
    case when paired.pairs >= parameter.least then share(paired.improved, paired.pairs) end
        as improved_share,
    case
        when not supply.has_scores then 'not_supplied'
        when paired.pairs < parameter.least then 'too_few_pairs'
    end as null_reason
from stage.hiw_paired as paired
cross join parameter
inner join stage.hiw_supplies as supply
    on paired.body_code = supply.body_code
