-- Grain: one landmark of one group of one cohort.
-- Share of accepted people who were housed so long after their referral. Those at risk are those
-- who still wait. Nothing is told where too few are at risk: five for the whole service, ten for
-- any part of it.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_at_risk')
            as least_of_all,
        max(parameters.parameter_value) filter (
            where parameters.parameter = 'least_at_risk_in_part'
        ) as least_of_part,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'grouping_version')
            as bigint
        ) as grouping_version
    from ref.hf_parameters as parameters
),

judged as (
    select
        landmarks.*,
        parameter.grouping_version,
        case
            when landmarks.null_reason is not null then landmarks.null_reason
            when
                landmarks.at_risk < case
                    when landmarks.breakdown = 'all' then parameter.least_of_all
                    else parameter.least_of_part
                end
                then 'too_few_at_risk'
        end as reason
    from stage.hf_landmarks as landmarks
    cross join parameter
    where landmarks.measure = 'referral_to_housed'
)

select
    judged.body_code,
    judged.cohort,
    judged.breakdown,
    judged.breakdown_value,
    coalesce(district.lad_name, judged.breakdown_value) as breakdown_label,
    judged.landmark_months,
    judged.landmark_days,
    judged.people,
    judged.at_risk,
    case when judged.reason is null then judged.events end as events,
    case when judged.reason is null then 1 - judged.survival end as housed_share,
    case when judged.reason is null then judged.std_error end as std_error,
    case when judged.reason is null then 1 - judged.ci_high end as ci_low,
    case when judged.reason is null then 1 - judged.ci_low end as ci_high,
    case when judged.reason is null then judged.median_days end as median_days,
    case when judged.reason is null then judged.rmst_days end as rmst_days,
    definitions.definition,
    judged.reason as null_reason
from judged
inner join ref.survival_definitions as definitions
    on judged.measure = definitions.measure
left join stage.hf_district_names as district
    on judged.breakdown_value = district.lad_code
