-- Grain: one person of one body.
-- Who was referred by Sefton and lives in Liverpool is in the service of the one and in the area
-- of the other: two columns, never merged (B-25).
with referral as (
    select
        referral.body_code,
        referral.person_key,
        count(*) as referrals,
        min(referral.referral_date) as first_referral_on,
        min(referral.referral_date) filter (where referral.decision = 'accepted')
            as accepted_referral_on,
        arg_min(
            coalesce(referral.decision_date, referral.referral_date),
            (referral.referral_date, referral.referral_key)
        ) filter (where referral.decision = 'accepted') as accepted_on,
        arg_min(
            referral.referring_lad_code, (referral.referral_date, referral.referral_key)
        ) filter (where referral.decision = 'accepted') as accepted_lad_code,
        arg_min(
            referral.referring_lad_code, (referral.referral_date, referral.referral_key)
        ) as first_lad_code,
        arg_max(referral.decision, (referral.referral_date, referral.referral_key))
            as last_decision,
        bool_or(referral.decision = 'accepted') as is_accepted
    from stage.hf_referrals as referral
    group by referral.body_code, referral.person_key
),

known as (
    select person.body_code, person.person_key from stage.hf_persons as person
    union
    select referral.body_code, referral.person_key from referral
    union
    select spell.body_code, spell.person_key from stage.hf_spells as spell
),

housed as (
    select
        tenancy.body_code,
        tenancy.person_key,
        min(tenancy.start_date) as housed_on,
        min(tenancy.start_date) filter (where tenancy.start_date >= referral.accepted_referral_on)
            as housed_after_referral_on
    from stage.hf_tenancies as tenancy
    left join referral
        on tenancy.body_code = referral.body_code and tenancy.person_key = referral.person_key
    group by tenancy.body_code, tenancy.person_key
)

select
    known.body_code,
    known.person_key,
    supply.extract_date,
    coalesce(person.age_band, 'not_recorded') as age_band,
    case when referral.is_accepted then 'accepted' else referral.last_decision end as decision,
    coalesce(referral.referrals, 0) as referrals,
    referral.first_referral_on,
    coalesce(referral.accepted_referral_on, referral.first_referral_on) as referral_on,
    referral.accepted_on,
    case when referral.is_accepted then referral.accepted_lad_code else referral.first_lad_code end
        as service_lad_code,
    housed.housed_on,
    housed.housed_after_referral_on,
    first_home.lad_code as tenancy_lad_code,
    first_home.imd_decile,
    first_home.place_status,
    first_home.iod_edition,
    spell.start_date as spell_start,
    spell.observed_to as spell_to,
    spell.end_group,
    closure.closed_on,
    closure.died_on
from known
left join stage.hf_supplies as supply
    on known.body_code = supply.body_code
left join stage.hf_persons as person
    on known.body_code = person.body_code and known.person_key = person.person_key
left join referral
    on known.body_code = referral.body_code and known.person_key = referral.person_key
left join housed
    on known.body_code = housed.body_code and known.person_key = housed.person_key
left join stage.hf_tenancies as first_home
    on
        known.body_code = first_home.body_code
        and known.person_key = first_home.person_key
        and first_home.place_of_person = 1
left join stage.hf_spells as spell
    on
        known.body_code = spell.body_code
        and known.person_key = spell.person_key
        and spell.spell = 1
left join stage.hf_closures as closure
    on known.body_code = closure.body_code and known.person_key = closure.person_key
