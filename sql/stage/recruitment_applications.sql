-- Grain: one application for one vacancy.
-- The application in the words of the warehouse: how far it got, the year in which its campaign was
-- closed, what the candidate declared, and where the home is. Nothing of a campaign that is still open
-- is final, so it has no year.
with parameter as (
    select cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.pay_parameters as parameters
    where parameters.parameter = 'home_iod_edition'
),

application as (
    select
        applications.*,
        parameter.iod_edition,
        case parameter.iod_edition
            when '2019' then applications.home_imd_decile_2019
            when '2025' then applications.home_imd_decile_2025
        end as home_imd_decile,
        district.active_lad_code,
        district.lad_name,
        coalesce(district.in_area or active_district.in_area, false) as is_home_in_area
    from raw.people_applications as applications
    cross join parameter
    left join stage.district as district
        on applications.home_lad_code = district.lad_code
    left join stage.district as active_district
        on district.active_lad_code = active_district.lad_code
)

select
    application.line_key,
    application.body_code,
    application.candidate_key,
    application.vacancy_ref,
    financial_year(
        application.closed_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    financial_year(
        application.applied_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as applied_year,
    application.shortlisted_on is not null as is_shortlisted,
    application.interviewed_on is not null or application.offered_on is not null as is_interviewed,
    application.offered_on is not null as is_offered,
    application.appointed_on is not null as is_appointed,
    coalesce(
        case application.sex when 'F' then 'female' when 'M' then 'male' end, 'not_recorded'
    ) as sex,
    coalesce(lower(application.gender_identity), 'not_recorded') as gender_identity,
    case
        when application.ethnicity is null then 'not_recorded'
        else coalesce(ethnicity_groups.ethnicity5, ethnicity_map.ethnicity19, 'not_in_map')
    end as ethnicity5,
    coalesce(lower(application.disability), 'not_recorded') as disability,
    coalesce(application.age_band, 'not_recorded') as age_band,
    coalesce(lower(application.orientation), 'not_recorded') as orientation,
    coalesce(lower(application.religion), 'not_recorded') as religion,
    coalesce(lower(application.marriage_or_civil_partnership), 'not_recorded')
        as marriage_or_civil_partnership,
    -- Homes in the area are told by decile and district; of others it is told that they are outside. A
    -- home whose district or, in the area, decile is not known is not placed.
    case
        when coalesce(places.table_status, 'unplaced') <> 'placed'
            then coalesce(places.table_status, 'unplaced')
        when application.home_lad_code is null then 'unplaced'
        when not application.is_home_in_area then 'outside_area'
        when application.home_imd_decile is null then 'unplaced'
        else 'placed'
    end as home_place_status,
    case when application.is_home_in_area then application.home_imd_decile end as home_imd_decile,
    case when application.is_home_in_area then application.active_lad_code end as home_lad_code,
    case when application.is_home_in_area then application.lad_name end as home_lad_name,
    application.iod_edition
from application
cross join site.settings as settings
left join ref.pay_ethnicity_map as ethnicity_map
    on
        ethnicity_map.ethnicity_scheme = coalesce(application.ethnicity_scheme, 'harmonised_2021')
        and ethnicity_map.ethnicity_code = lower(application.ethnicity)
left join ref.ethnicity_groups as ethnicity_groups
    on ethnicity_map.ethnicity19 = ethnicity_groups.ethnicity19
left join ref.place_status as places
    on application.home_place_status = places.place_status
