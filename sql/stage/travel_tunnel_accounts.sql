-- Grain: one account on one day.
select
    accounts.extracted_on,
    accounts.account_key,
    accounts.account_type,
    accounts.opened_on,
    accounts.closed_on,
    coalesce(accounts.resident_discount, false) as resident_discount,
    coalesce(accounts.disabled_concession, false) as disabled_concession,
    accounts.vehicle_count,
    accounts.account_lsoa11_code,
    accounts.account_lsoa21_code,
    accounts.account_place_status
from raw.travel_tunnel_accounts as accounts
