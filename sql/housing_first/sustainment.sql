-- Grain: one landmark of one group of one cohort.
-- Share of first tenancies kept, with the definition beside it. Nothing is told where too few
-- are at risk: five for the whole service, ten for any part of it.
-- in_open_table names the rows that the open table has, those of the whole service alone; is_shown
-- those of them whose figures it shows (stage.housing_first_open_points).
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
        ) as grouping_version,
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
        landmarks.*,
        parameter.grouping_version,
        case when landmarks.breakdown = 'imd_quintile' then parameter.iod_edition end
            as iod_edition,
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
    where landmarks.measure = 'first_tenancy'
)

select
    judged.body_code,
    judged.cohort,
    judged.breakdown,
    judged.breakdown_value,
    coalesce(district.lad_name, judged.breakdown_value) as breakdown_label,
    judged.landmark_months,
    judged.landmark_days,
    points.landmark_label,
    points.financial_year,
    judged.people,
    judged.at_risk,
    case when judged.reason is null then judged.events end as events,
    case when judged.reason is null then judged.unknown_ends end as unknown_ends,
    case when judged.reason is null then judged.survival end as survival,
    case when judged.reason is null then judged.std_error end as std_error,
    case when judged.reason is null then judged.ci_low end as ci_low,
    case when judged.reason is null then judged.ci_high end as ci_high,
    case when judged.reason is null then judged.no_event_bound end as no_event_bound,
    case when judged.reason is null then judged.one_minus_cif end as one_minus_cif,
    case when judged.reason is null then judged.rmst_days end as rmst_days,
    case when judged.reason is null then judged.median_days end as median_days,
    case when judged.reason is null then judged.survival_if_unknown_ended end
        as survival_if_unknown_ended,
    case when judged.reason is null then judged.survival_anniversary end as survival_anniversary,
    judged.grouping_version,
    judged.iod_edition,
    definitions.definition,
    judged.breakdown = 'all' and points.is_final as in_open_table,
    judged.reason is null and coalesce(points.is_shown, false) as is_shown,
    cast(null as varchar) as withheld,
    judged.reason as null_reason
from judged
inner join ref.survival_definitions as definitions
    on judged.measure = definitions.measure
left join stage.hf_district_names as district
    on judged.breakdown_value = district.lad_code
left join stage.housing_first_open_points as points
    on
        judged.breakdown = 'all'
        and judged.body_code = points.body_code
        and judged.cohort = points.cohort
        and judged.landmark_months = points.landmark_months
