-- Grain: one person of one body.
-- People of the newest extract, in the words of the warehouse. Nobody is left out.
with newest as (
    select person.*
    from raw.housingfirst_person as person
    qualify person.extract_date = max(person.extract_date) over (partition by person.body_code)
)

select
    newest.body_code,
    newest.person_key,
    newest.extract_date,
    newest.registered_on,
    coalesce(newest.age_band, 'not_recorded') as age_band,
    coalesce(case newest.sex when 'F' then 'female' when 'M' then 'male' end, 'not_recorded')
        as sex,
    coalesce(lower(newest.gender_identity), 'not_recorded') as gender_identity,
    coalesce(lower(newest.ethnicity), 'not_recorded') as ethnicity5,
    lower(newest.nationality_group) as nationality_group,
    lower(newest.veteran) as veteran,
    lower(newest.care_leaver) as care_leaver
from newest
