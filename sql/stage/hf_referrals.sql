-- Grain: one referral.
with newest as (
    select referral.*
    from raw.housingfirst_referral as referral
    qualify
        referral.extract_date
        = max(referral.extract_date) over (partition by referral.body_code)
)

select
    newest.body_code,
    newest.referral_key,
    newest.person_key,
    newest.referral_date,
    financial_year(
        newest.referral_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    lower(newest.referrer_type) as referrer_type,
    newest.referring_lad_code,
    lower(newest.decision) as decision,
    newest.decision_date,
    row_number() over (
        partition by newest.body_code, newest.person_key
        order by newest.referral_date, newest.referral_key
    ) as place_of_person
from newest
cross join site.settings as settings
