-- Grain: one application at one stage that it reached, in one characteristic.
-- The group of each application in every characteristic that is told of applicants, for each stage
-- from applied to the last that it reached. Open campaigns are not here.
with reached as (
    select
        application.body_code,
        application.financial_year,
        application.line_key,
        application.candidate_key,
        unnest(
            list_filter(
                [
                    'applied',
                    case when application.is_shortlisted then 'shortlisted' end,
                    case when application.is_interviewed then 'interviewed' end,
                    case when application.is_offered then 'offered' end,
                    case when application.is_appointed then 'appointed' end
                ],
                lambda stage: stage is not null
            )
        ) as stage
    from stage.recruitment_applications as application
    where application.financial_year is not null
),

declared as (
    select
        application.body_code,
        application.line_key,
        unnest(declared_values(application)) as answer
    from stage.recruitment_applications as application
),

characteristic as (
    select
        groups.characteristic,
        groups.declared_in
    from ref.people_groups as groups
    inner join ref.people_characteristics as characteristics
        on groups.characteristic = characteristics.characteristic
    where characteristics.in_recruitment
    group by groups.characteristic, groups.declared_in
),

grouped as (
    select
        declared.body_code,
        declared.line_key,
        characteristic.characteristic,
        coalesce(
            groups.group_code,
            case
                when declared.answer.declared_value = 'prefer_not_to_say' then 'prefer_not_to_say'
                else 'not_recorded'
            end
        ) as group_code,
        groups.group_code is not null as is_known
    from declared
    inner join characteristic
        on declared.answer.declared_in = characteristic.declared_in
    left join ref.people_groups as groups
        on
            characteristic.characteristic = groups.characteristic
            and declared.answer.declared_value = groups.declared_value
    union all
    select
        application.body_code,
        application.line_key,
        'home_imd_decile' as characteristic,
        coalesce(
            'decile_' || cast(application.home_imd_decile as varchar),
            application.home_place_status
        ) as group_code,
        application.home_imd_decile is not null as is_known
    from stage.recruitment_applications as application
    union all
    select
        application.body_code,
        application.line_key,
        'home_district' as characteristic,
        coalesce(application.home_lad_code, application.home_place_status) as group_code,
        application.home_lad_code is not null as is_known
    from stage.recruitment_applications as application
)

select
    reached.body_code,
    reached.financial_year,
    reached.stage,
    reached.line_key,
    reached.candidate_key,
    grouped.characteristic,
    grouped.group_code,
    grouped.is_known
from reached
inner join grouped
    on
        reached.body_code = grouped.body_code
        and reached.line_key = grouped.line_key
