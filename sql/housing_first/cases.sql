-- Grain: one person.
-- Days are told as months, places as deciles and districts; what somebody needs is not told at
-- all. How long somebody was housed is told where all was sent that says so.
select
    cases.body_code,
    cases.person_key,
    cast(date_trunc('month', cases.referral_on) as date) as referral_month,
    cases.decision,
    cast(date_trunc('month', cases.housed_on) as date) as housed_month,
    cast(
        case
            when cases.decision = 'accepted'
                then cases.housed_after_referral_on - cases.referral_on
        end as bigint
    ) as days_to_housed,
    case
        when supply.tells_spells then cast(cases.spell_to - cases.spell_start as bigint)
    end as spell_days,
    case when supply.tells_spells then cases.end_group = 'open' end as spell_open,
    case when supply.tells_spells and cases.end_group <> 'open' then cases.end_group end
        as end_group,
    cases.service_lad_code as service_district,
    cases.tenancy_lad_code as tenancy_district,
    cases.imd_decile,
    cases.place_status,
    cases.iod_edition,
    cases.age_band
from stage.hf_cases as cases
inner join stage.hf_supplies as supply
    on cases.body_code = supply.body_code
