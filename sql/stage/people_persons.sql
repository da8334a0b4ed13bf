-- Grain: one person on one snapshot date.
-- What the person declared, in the words of the warehouse: ethnicity through the map of its scheme,
-- everything else in small letters; and the decile of the home, where it is in the area. Nobody is left
-- out.
with parameter as (
    select cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.pay_parameters as parameters
    where parameters.parameter = 'home_iod_edition'
)

select
    person.body_code,
    person.snapshot_date,
    person.person_key,
    person.national_insurance_key,
    coalesce(
        case person.sex when 'F' then 'female' when 'M' then 'male' end, 'not_recorded'
    ) as sex,
    coalesce(lower(person.gender_identity), 'not_recorded') as gender_identity,
    case
        when person.ethnicity is null then 'not_recorded'
        else coalesce(ethnicity_map.ethnicity19, 'not_in_map')
    end as ethnicity19,
    case
        when person.ethnicity is null then 'not_recorded'
        else coalesce(ethnicity_groups.ethnicity6, ethnicity_map.ethnicity19, 'not_in_map')
    end as ethnicity6,
    case
        when person.ethnicity is null then 'not_recorded'
        else coalesce(ethnicity_groups.ethnicity5, ethnicity_map.ethnicity19, 'not_in_map')
    end as ethnicity5,
    coalesce(lower(person.disability), 'not_recorded') as disability,
    coalesce(person.age_band, 'not_recorded') as age_band,
    coalesce(lower(person.orientation), 'not_recorded') as orientation,
    coalesce(lower(person.religion), 'not_recorded') as religion,
    coalesce(lower(person.marriage_or_civil_partnership), 'not_recorded')
        as marriage_or_civil_partnership,
    coalesce(
        case
            when not coalesce(district.in_area or active_district.in_area, false) then null
            when parameter.iod_edition = '2019' then cast(person.home_imd_decile_2019 as varchar)
            when parameter.iod_edition = '2025' then cast(person.home_imd_decile_2025 as varchar)
        end,
        'not_recorded'
    ) as home_imd_decile
from raw.people_person as person
cross join parameter
left join stage.district as district
    on person.home_lad_code = district.lad_code
left join stage.district as active_district
    on district.active_lad_code = active_district.lad_code
left join ref.pay_ethnicity_map as ethnicity_map
    on
        ethnicity_map.ethnicity_scheme = coalesce(person.ethnicity_scheme, 'harmonised_2021')
        and ethnicity_map.ethnicity_code = lower(person.ethnicity)
left join ref.ethnicity_groups as ethnicity_groups
    on ethnicity_map.ethnicity19 = ethnicity_groups.ethnicity19
