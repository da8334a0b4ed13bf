-- Grain: one core field of one person.
-- The core fields of methods B3 that are due in the case of everybody who was accepted: those of
-- a home of people who have one, of an end where there is one, of a closing where the case is
-- closed; and none of a contract of which nothing was sent (a contact is a visit or an assessment).
-- What is answered with "prefer not to say" is filled; what is not recorded is not. The extract that
-- counts says so, whole: what it no longer says is not filled, what it mended is.
with need as (
    select
        need.body_code,
        need.person_key,
        count(need.need_level) as levels
    from raw.housingfirst_need as need
    inner join stage.hf_supplies as supply
        on need.body_code = supply.body_code and need.extract_date = supply.extract_date
    group by need.body_code, need.person_key
),

status as (
    select
        housing_status.body_code,
        housing_status.person_key,
        count(*) as statuses
    from raw.housingfirst_housing_status as housing_status
    inner join stage.hf_supplies as supply
        on
            housing_status.body_code = supply.body_code
            and housing_status.extract_date = supply.extract_date
    where housing_status.housing_status <> 'OWN_TENANCY'
    group by housing_status.body_code, housing_status.person_key
),

assessed as (
    select
        score.body_code,
        score.person_key,
        bool_or(score.wave = 'baseline' and score.score is not null) as has_baseline
    from stage.hf_scores as score
    group by score.body_code, score.person_key
),

home as (
    select
        tenancy.body_code,
        tenancy.person_key,
        bool_and(tenancy.landlord_type is not null) as has_landlord,
        bool_and(tenancy.place_status <> 'unplaced') as has_place,
        bool_or(tenancy.end_date is not null) as has_ended,
        bool_and(tenancy.end_date is null or tenancy.end_group <> 'unknown') as has_reason,
        bool_or(tenancy.is_closed_without_day) as has_gap
    from stage.hf_tenancies as tenancy
    group by tenancy.body_code, tenancy.person_key
),

referral as (
    select
        referral.body_code,
        referral.person_key,
        bool_and(referral.referrer_type is not null) as has_referrer,
        bool_and(referral.referring_lad_code is not null) as has_district,
        bool_and(referral.decision_date is not null) filter (where referral.decision <> 'pending')
            as has_decision_date
    from stage.hf_referrals as referral
    group by referral.body_code, referral.person_key
),

closing as (
    select
        closure.body_code,
        closure.person_key,
        bool_and(closure.closure_reason is not null) as has_reason,
        bool_and(closure.next_accommodation is not null) filter (
            where closure.closure_reason is distinct from 'DECEASED'
        ) as has_next
    from raw.housingfirst_closure as closure
    inner join stage.hf_supplies as supply
        on closure.body_code = supply.body_code and closure.extract_date = supply.extract_date
    group by closure.body_code, closure.person_key
),

field as (
    select
        cases.body_code,
        cases.person_key,
        unnest(
            [
                {
                    'name': 'person.age_band',
                    'due': supply.has_person,
                    'filled': person.age_band <> 'not_recorded'
                },
                {
                    'name': 'person.sex',
                    'due': supply.has_person,
                    'filled': person.sex <> 'not_recorded'
                },
                {
                    'name': 'person.gender_identity',
                    'due': supply.has_person,
                    'filled': person.gender_identity <> 'not_recorded'
                },
                {
                    'name': 'person.ethnicity',
                    'due': supply.has_person,
                    'filled': person.ethnicity5 <> 'not_recorded'
                },
                {
                    'name': 'person.nationality_group',
                    'due': supply.has_person,
                    'filled': person.nationality_group is not null
                },
                {
                    'name': 'person.veteran',
                    'due': supply.has_person,
                    'filled': person.veteran is not null
                },
                {
                    'name': 'person.care_leaver',
                    'due': supply.has_person,
                    'filled': person.care_leaver is not null
                },
                {'name': 'referral.referrer_type', 'due': true, 'filled': referral.has_referrer},
                {
                    'name': 'referral.referring_district',
                    'due': true,
                    'filled': referral.has_district
                },
                {
                    'name': 'referral.decision_date',
                    'due': true,
                    'filled': referral.has_decision_date
                },
                {
                    'name': 'need.need_level',
                    'due': field_supply.has_need,
                    'filled': need.levels > 0
                },
                {
                    'name': 'housing_status.status',
                    'due': supply.has_housing_status,
                    'filled': status.statuses > 0
                },
                {
                    'name': 'support.contact',
                    'due': supply.has_support and supply.has_assessment,
                    'filled': contact.last_contact_on is not null
                },
                {
                    'name': 'assessment.baseline',
                    'due': supply.has_assessment,
                    'filled': assessed.has_baseline
                },
                {
                    'name': 'tenancy.landlord_type',
                    'due': home.body_code is not null,
                    'filled': home.has_landlord
                },
                {
                    'name': 'tenancy.postcode',
                    'due': home.body_code is not null,
                    'filled': home.has_place
                },
                {
                    'name': 'tenancy.end_date',
                    'due': coalesce(home.has_ended or home.has_gap, false),
                    'filled': not home.has_gap
                },
                {
                    'name': 'tenancy.end_reason',
                    'due': coalesce(home.has_ended, false),
                    'filled': home.has_reason
                },
                {
                    'name': 'closure.reason',
                    'due': cases.closed_on is not null,
                    'filled': closing.has_reason
                },
                {
                    'name': 'closure.next_accommodation',
                    'due': cases.closed_on is not null and cases.died_on is null,
                    'filled': closing.has_next
                }
            ]
        ) as entry
    from stage.hf_cases as cases
    inner join stage.hf_supplies as supply
        on cases.body_code = supply.body_code
    inner join stage.hf_field_supplies as field_supply
        on cases.body_code = field_supply.body_code
    left join stage.hf_persons as person
        on cases.body_code = person.body_code and cases.person_key = person.person_key
    left join referral
        on cases.body_code = referral.body_code and cases.person_key = referral.person_key
    left join need
        on cases.body_code = need.body_code and cases.person_key = need.person_key
    left join status
        on cases.body_code = status.body_code and cases.person_key = status.person_key
    left join stage.hf_last_contacts as contact
        on cases.body_code = contact.body_code and cases.person_key = contact.person_key
    left join assessed
        on cases.body_code = assessed.body_code and cases.person_key = assessed.person_key
    left join home
        on cases.body_code = home.body_code and cases.person_key = home.person_key
    left join closing
        on cases.body_code = closing.body_code and cases.person_key = closing.person_key
    where cases.decision = 'accepted'
)

select
    field.body_code,
    field.person_key,
    field.entry.name as field,
    coalesce(field.entry.filled, false) as is_filled
from field
where field.entry.due
