-- Grain: financial_year, pair of LSOAs, place_status, issuing_authority and pass_type.
select
    kept.financial_year,
    kept.lsoa11_code,
    kept.lsoa21_code,
    kept.place_status,
    kept.issuing_authority,
    kept.pass_type,
    kept.live_passes,
    kept.active_passes,
    kept.pass_days,
    kept.expired_passes,
    kept.lapsed_passes
from raw.travel_kept_passes as kept
