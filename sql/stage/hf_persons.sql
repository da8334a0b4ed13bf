-- Grain: one person of one body.
-- People of the extract that counts, in the words of the warehouse. Nobody is left out.
with counted as (
    select person.*
    from raw.housingfirst_person as person
    inner join stage.hf_supplies as supply
        on person.body_code = supply.body_code and person.extract_date = supply.extract_date
)

select
    counted.body_code,
    counted.person_key,
    counted.extract_date,
    counted.registered_on,
    coalesce(counted.age_band, 'not_recorded') as age_band,
    coalesce(case counted.sex when 'F' then 'female' when 'M' then 'male' end, 'not_recorded')
        as sex,
    coalesce(lower(counted.gender_identity), 'not_recorded') as gender_identity,
    coalesce(lower(counted.ethnicity), 'not_recorded') as ethnicity5,
    lower(counted.nationality_group) as nationality_group,
    lower(counted.veteran) as veteran,
    lower(counted.care_leaver) as care_leaver
from counted
