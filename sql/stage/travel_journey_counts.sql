-- Grain: service_month, pair of LSOAs, place_status, issuing_authority, pass_type, mode and is_peak.
-- Journeys by home. For months of which counts were kept they stand, since the rows of people may be gone
-- in part.
with months as (
    select
        cast(date_trunc('month', days.service_day) as date) as service_month,
        days.lsoa11_code,
        days.lsoa21_code,
        days.place_status,
        days.issuing_authority,
        days.pass_type,
        days.mode,
        days.is_peak,
        sum(days.journeys) as journeys,
        sum(days.resident_journeys) as resident_journeys
    from travel.journeys_by_lsoa_day as days
    group by
        cast(date_trunc('month', days.service_day) as date), days.lsoa11_code, days.lsoa21_code,
        days.place_status, days.issuing_authority, days.pass_type, days.mode, days.is_peak
),

kept_months as (
    select kept.service_month
    from raw.travel_kept_journeys as kept
    group by kept.service_month
),

every_month as (
    select * from months
    where months.service_month not in (select kept_months.service_month from kept_months)
    union all
    select
        kept.service_month,
        kept.lsoa11_code,
        kept.lsoa21_code,
        kept.place_status,
        kept.issuing_authority,
        kept.pass_type,
        kept.mode,
        kept.is_peak,
        kept.journeys,
        kept.resident_journeys
    from raw.travel_kept_journeys as kept
)

select
    every_month.service_month,
    financial_year(
        every_month.service_month,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    every_month.lsoa11_code,
    every_month.lsoa21_code,
    every_month.place_status,
    every_month.issuing_authority,
    every_month.pass_type,
    every_month.mode,
    every_month.is_peak,
    cast(every_month.journeys as bigint) as journeys,
    cast(every_month.resident_journeys as bigint) as resident_journeys
from every_month
cross join site.settings as settings
