-- Grain: one financial year.
-- How many open personal accounts of the tunnels have an LSOA (SP09, SP10). travel.reach_of_services tells
-- how many are in the area, so the year is shown only where nobody is elsewhere, or enough people are.
with dated as (
    select
        accounts.account_lsoa11_code,
        accounts.account_lsoa21_code,
        accounts.extracted_on,
        financial_year(
            accounts.extracted_on, settings.financial_year_start_month, settings.financial_year_start_day
        ) as financial_year
    from stage.travel_tunnel_accounts as accounts
    cross join site.settings as settings
    where
        accounts.account_type = 'PERSONAL'
        and accounts.opened_on <= accounts.extracted_on
        and (accounts.closed_on is null or accounts.closed_on > accounts.extracted_on)
),

-- The last list of a year stands for it.
newest as (
    select
        dated.financial_year,
        max(dated.extracted_on) as extracted_on
    from dated
    group by dated.financial_year
),

counted as (
    select
        dated.financial_year,
        count(*) as accounts,
        count(*) filter (where coalesce(dated.account_lsoa21_code, dated.account_lsoa11_code) is not null)
            as placed
    from dated
    inner join newest
        on dated.financial_year = newest.financial_year and dated.extracted_on = newest.extracted_on
    group by dated.financial_year
),

in_area as (
    select
        accounts.financial_year,
        accounts.iod_edition,
        sum(accounts.accounts) as accounts
    from travel.tunnel_accounts as accounts
    where accounts.account_kind = 'personal' and accounts.place_status = 'placed'
    group by accounts.financial_year, accounts.iod_edition
),

judged as (
    select
        in_area.financial_year,
        bool_and(
            counted.accounts = in_area.accounts
            or counted.accounts - in_area.accounts >= parameters.least_shown
        )
        and bool_and(
            counted.placed = in_area.accounts
            or counted.placed - in_area.accounts >= parameters.least_shown
        ) as is_shown
    from in_area
    inner join counted on in_area.financial_year = counted.financial_year
    cross join ref.reach_parameters as parameters
    group by in_area.financial_year
)

select
    counted.financial_year,
    cast(counted.accounts as bigint) as accounts_rounded,
    cast(counted.placed as bigint) as placed_rounded,
    open_share(counted.placed, counted.accounts) as placed_share,
    coalesce(judged.is_shown, true) as is_shown,
    cast(null as varchar) as withheld
from counted
left join judged on counted.financial_year = judged.financial_year
