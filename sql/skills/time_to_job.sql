-- Grain: one landmark of one group of one cohort.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_people')
            as least,
        cast(
            cast(
                max(parameters.parameter_value) filter (where parameters.parameter = 'iod_edition')
                as integer
            ) as varchar
        ) as iod_edition
    from ref.skills_parameters as parameters
),

judged as (
    select
        landmarks.*,
        case when landmarks.breakdown = 'imd_quintile' then parameter.iod_edition end
            as iod_edition,
        case
            when landmarks.null_reason is not null then landmarks.null_reason
            when landmarks.at_risk < parameter.least then 'too_few_at_risk'
        end as reason
    from stage.hiw_landmarks as landmarks
    cross join parameter
)

select
    judged.body_code,
    judged.cohort,
    judged.breakdown,
    judged.breakdown_value,
    judged.landmark_months,
    judged.landmark_days,
    judged.people,
    judged.at_risk,
    case when judged.reason is null then 1 - judged.survival end as entered_share,
    case when judged.reason is null then 1 - judged.ci_high end as ci_low,
    case when judged.reason is null then 1 - judged.ci_low end as ci_high,
    judged.iod_edition,
    definitions.definition,
    judged.reason as null_reason
from judged
inner join ref.survival_definitions as definitions
    on judged.measure = definitions.measure
