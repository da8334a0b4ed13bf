-- Grain: one relevant employee of one body on one snapshot date.
-- Whom the tables about staff count: people, also where the pay figures count contracts. Grade and
-- directorate are those of the main post; working pattern and full-time equivalent are those of all posts
-- together.
select
    people.body_code,
    people.snapshot_date,
    people.hr_person_key as person_key,
    arg_min(people.grade, (not people.is_main_contract, people.person_key)) as grade,
    arg_min(people.directorate, (not people.is_main_contract, people.person_key)) as directorate,
    working_pattern(
        arg_min(people.hours_vary, (not people.is_main_contract, people.person_key)),
        case
            when count(people.contract_hours) = 1 then max(people.contract_hours)
            else cast(exact_sum(people.contract_hours) as double)
        end,
        max(people.full_time_hours)
    ) as working_pattern,
    least(
        cast(exact_sum(people.contract_hours) as double) / nullif(max(people.full_time_hours), 0),
        -- Nobody is more than one; of unknown hours nothing is known.
        case when count(people.contract_hours) > 0 and max(people.full_time_hours) > 0 then 1 end
    ) as full_time_equivalent,
    -- Declared of the person, so the same in each of their rows.
    max(people.sex) as sex,
    max(people.gender_identity) as gender_identity,
    max(people.ethnicity19) as ethnicity19,
    max(people.ethnicity6) as ethnicity6,
    max(people.ethnicity5) as ethnicity5,
    max(people.disability) as disability,
    max(people.age_band) as age_band,
    max(people.orientation) as orientation,
    max(people.religion) as religion,
    max(people.marriage_or_civil_partnership) as marriage_or_civil_partnership,
    max(people.home_imd_decile) as home_imd_decile
from stage.pay_people as people
where people.is_relevant
group by people.body_code, people.snapshot_date, people.hr_person_key
