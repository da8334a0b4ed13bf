-- Grain: one person on one snapshot date.
-- What the person declared, in the words of the warehouse: ethnicity through the map of its scheme,
-- everything else in small letters. Nobody is left out.
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
        as marriage_or_civil_partnership
from raw.people_person as person
left join ref.pay_ethnicity_map as ethnicity_map
    on
        ethnicity_map.ethnicity_scheme = coalesce(person.ethnicity_scheme, 'harmonised_2021')
        and ethnicity_map.ethnicity_code = lower(person.ethnicity)
left join ref.ethnicity_groups as ethnicity_groups
    on ethnicity_map.ethnicity19 = ethnicity_groups.ethnicity19
