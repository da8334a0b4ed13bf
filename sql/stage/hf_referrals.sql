-- Grain: one referral.
with counted as (
    select referral.*
    from raw.housingfirst_referral as referral
    inner join stage.hf_supplies as supply
        on referral.body_code = supply.body_code and referral.extract_date = supply.extract_date
)

select
    counted.body_code,
    counted.referral_key,
    counted.person_key,
    counted.referral_date,
    financial_year(
        counted.referral_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    lower(counted.referrer_type) as referrer_type,
    counted.referring_lad_code,
    lower(counted.decision) as decision,
    counted.decision_date,
    row_number() over (
        partition by counted.body_code, counted.person_key
        order by counted.referral_date, counted.referral_key
    ) as place_of_person
from counted
cross join site.settings as settings
