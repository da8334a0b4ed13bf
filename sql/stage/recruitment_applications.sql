-- Grain: one application for one vacancy.
-- The application in the words of the warehouse: how far it got, the year in which its campaign was
-- closed, what the candidate declared, and where the home is. Nothing of a campaign that is still open
-- is final, so it has no year.
with parameter as (
    select cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.pay_parameters as parameters
    where parameters.parameter = 'home_iod_edition'
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
    -- Homes in the area are told by decile and district; of others it is told that they are outside.
    case
        when lsoa.in_area then 'placed'
        when coalesce(places.table_status, 'unplaced') = 'placed' then 'outside_area'
        else coalesce(places.table_status, 'unplaced')
    end as home_place_status,
    case when lsoa.in_area then lsoa.imd_decile end as home_imd_decile,
    case when lsoa.in_area then lsoa.active_lad_code end as home_lad_code,
    case when lsoa.in_area then lsoa.lad_name end as home_lad_name,
    parameter.iod_edition
from raw.people_applications as application
cross join site.settings as settings
cross join parameter
left join ref.pay_ethnicity_map as ethnicity_map
    on
        ethnicity_map.ethnicity_scheme = coalesce(application.ethnicity_scheme, 'harmonised_2021')
        and ethnicity_map.ethnicity_code = lower(application.ethnicity)
left join ref.ethnicity_groups as ethnicity_groups
    on ethnicity_map.ethnicity19 = ethnicity_groups.ethnicity19
left join ref.iod_edition as editions
    on parameter.iod_edition = editions.iod_edition
left join geo.lsoa as lsoa
    on
        editions.iod_edition = lsoa.iod_edition
        and editions.lsoa_vintage = lsoa.vintage
        and lsoa.lsoa_code = case editions.lsoa_vintage
            when '2011' then application.home_lsoa11_code
            else application.home_lsoa21_code
        end
left join ref.place_status as places
    on application.home_place_status = places.place_status
