-- Grain: financial_year, account_kind, place_status, imd_decile and iod_edition.
-- Open accounts by the deprivation of where they are registered, over households with a car. An account
-- with a concession for disabled people has the discount of residents as well, and counts in both kinds.
with years as (
    select
        accounts.extracted_on,
        financial_year(
            accounts.extracted_on,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year
    from stage.travel_tunnel_accounts as accounts
    cross join site.settings as settings
    group by
        accounts.extracted_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
),

-- The last list of a year stands for it.
chosen as (
    select
        years.financial_year,
        max(years.extracted_on) as extracted_on
    from years
    group by years.financial_year
),

open_accounts as (
    select
        chosen.financial_year,
        accounts.account_key,
        accounts.account_lsoa11_code,
        accounts.account_lsoa21_code,
        accounts.account_place_status,
        unnest(
            list_filter(
                [
                    case
                        when accounts.account_type = 'PERSONAL' then 'personal'
                        else 'business'
                    end,
                    case when accounts.resident_discount then 'resident_discount' end,
                    case when accounts.disabled_concession then 'disabled_concession' end
                ],
                lambda kind: kind is not null
            )
        ) as account_kind
    from stage.travel_tunnel_accounts as accounts
    inner join chosen
        on accounts.extracted_on = chosen.extracted_on
    where
        accounts.opened_on <= accounts.extracted_on
        and (accounts.closed_on is null or accounts.closed_on > accounts.extracted_on)
),

placed as (
    select
        open_accounts.financial_year,
        open_accounts.account_kind,
        edition.iod_edition,
        lsoa.imd_decile,
        case
            when coalesce(status.table_status, 'unplaced') <> 'placed'
                then coalesce(status.table_status, 'unplaced')
            when
                case edition.lsoa_vintage
                    when '2011' then open_accounts.account_lsoa11_code
                    else open_accounts.account_lsoa21_code
                end is null
                then 'unplaced'
            when lsoa.lsoa_code is null then 'outside_area'
            else 'placed'
        end as place_status
    from open_accounts
    cross join ref.iod_edition as edition
    left join ref.place_status as status
        on open_accounts.account_place_status = status.place_status
    left join geo.lsoa as lsoa
        on
            edition.iod_edition = lsoa.iod_edition
            and lsoa.lsoa_code = case edition.lsoa_vintage
                when '2011' then open_accounts.account_lsoa11_code
                else open_accounts.account_lsoa21_code
            end
            and lsoa.in_area
),

counted as (
    select
        placed.financial_year,
        placed.account_kind,
        case when totals.is_total then 'all' else placed.place_status end as place_status,
        case when not totals.is_total and placed.place_status = 'placed' then placed.imd_decile end
            as imd_decile,
        placed.iod_edition,
        count(*) as accounts
    from placed
    cross join (select unnest([true, false]) as is_total) as totals
    group by
        placed.financial_year,
        placed.account_kind,
        case when totals.is_total then 'all' else placed.place_status end,
        case when not totals.is_total and placed.place_status = 'placed' then placed.imd_decile end,
        placed.iod_edition
),

households as (
    select
        area.iod_edition,
        area.imd_decile,
        cast(round(sum(area.households_with_car)) as bigint) as households_with_car
    from stage.travel_households as area
    group by area.iod_edition, area.imd_decile
    union all
    select
        area.iod_edition,
        cast(null as integer) as imd_decile,
        cast(round(sum(area.households_with_car)) as bigint) as households_with_car
    from stage.travel_households as area
    group by area.iod_edition
)

select
    counted.financial_year,
    counted.account_kind,
    counted.place_status,
    counted.imd_decile,
    counted.iod_edition,
    counted.accounts,
    households.households_with_car,
    share(counted.accounts, households.households_with_car) as account_rate,
    case
        when counted.place_status not in ('placed', 'all') then 'no_residents'
        when households.households_with_car is null then 'not_supplied'
        when households.households_with_car = 0 then 'zero_base'
    end as null_reason
from counted
left join households
    on
        counted.iod_edition = households.iod_edition
        and counted.imd_decile is not distinct from households.imd_decile
        and counted.place_status in ('placed', 'all')
