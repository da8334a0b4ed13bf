-- Grain: one group of one breakdown.
-- Who is in a group is not drawn by lot: a difference says that they differ, not why.
with parameter as (
    select
        max(parameters.parameter_value) filter (
            where parameters.parameter = 'least_at_risk_in_part'
        ) as least,
        cast(
            cast(
                max(parameters.parameter_value) filter (where parameters.parameter = 'iod_edition')
                as integer
            ) as varchar
        ) as iod_edition
    from ref.hf_parameters as parameters
),

judged as (
    select
        comparison.*,
        case when comparison.breakdown = 'imd_quintile' then parameter.iod_edition end
            as iod_edition,
        case
            when least(comparison.people, comparison.others) < parameter.least then 'too_few_people'
            else comparison.null_reason
        end as reason
    from stage.hf_comparisons as comparison
    cross join parameter
)

select
    judged.body_code,
    judged.measure,
    judged.cohort,
    judged.breakdown,
    judged.breakdown_value,
    coalesce(district.lad_name, judged.breakdown_value) as breakdown_label,
    judged.people,
    judged.others,
    case when judged.reason is null then judged.observed end as observed,
    case when judged.reason is null then judged.expected end as expected,
    case when judged.reason is null then judged.chi_squared end as chi_squared,
    case when judged.reason is null then judged.p_value end as p_value,
    case when judged.reason is null then judged.q_value end as q_value,
    judged.iod_edition,
    judged.reason as null_reason
from judged
left join stage.hf_district_names as district
    on judged.breakdown_value = district.lad_code
