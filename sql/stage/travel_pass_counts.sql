-- Grain: financial_year, pair of LSOAs, place_status, issuing_authority and pass_type.
-- Passes on the last day of the year at the home of that day; days on which passes could be used at the
-- home of each of them; passes that ran out in the year and were not renewed.
with live as (
    select
        years.financial_year,
        passes.person_key,
        passes.pass_type,
        passes.issuing_authority,
        passes.pass_key,
        years.last_day,
        -- A person counts once: with the pass that was valid last.
        row_number() over (
            partition by years.financial_year, passes.person_key
            order by passes.valid_from desc, passes.pass_key
        ) as choice
    from stage.travel_passes as passes
    inner join stage.travel_years as years
        on
            passes.valid_from <= years.last_day
            and passes.expiry_date >= years.last_day
            and passes.ended_on > years.last_day
            and passes.dead_from > years.last_day
    where
        not exists (
            select 1
            from stage.travel_hotlist as hotlist
            where
                hotlist.pass_key = passes.pass_key
                and hotlist.from_day <= years.last_day
                and hotlist.until_day > years.last_day
        )
),

standing as (
    select
        live.financial_year,
        addresses.lsoa11_code,
        addresses.lsoa21_code,
        coalesce(addresses.place_status, 'missing') as place_status,
        live.issuing_authority,
        live.pass_type,
        1 as live_passes,
        case
            when pass_use.last_journey_on > live.last_day - parameters.active_days then 1
            else 0
        end as active_passes,
        if(addresses.age_band is null, 0, 1) as with_age,
        0 as pass_days,
        0 as expired_passes,
        0 as lapsed_passes
    from live
    cross join ref.travel_parameters as parameters
    left join stage.travel_addresses as addresses
        on
            live.person_key = addresses.person_key
            and live.last_day >= addresses.from_day
            and live.last_day < addresses.until_day
    left join stage.travel_pass_use as pass_use
        on
            live.financial_year = pass_use.financial_year
            and live.person_key = pass_use.person_key
    where live.choice = 1
),

-- Days of all passes of a person add up; days on the hotlist are left in, as they are few.
days as (
    select
        years.financial_year,
        addresses.lsoa11_code,
        addresses.lsoa21_code,
        coalesce(addresses.place_status, 'missing') as place_status,
        passes.issuing_authority,
        passes.pass_type,
        0 as live_passes,
        0 as active_passes,
        0 as with_age,
        date_diff(
            'day',
            greatest(years.first_day, passes.valid_from, coalesce(addresses.from_day, years.first_day)),
            least(
                years.last_day + 1,
                passes.expiry_date + 1,
                passes.ended_on,
                passes.dead_from,
                coalesce(addresses.until_day, years.last_day + 1)
            )
        ) as pass_days,
        0 as expired_passes,
        0 as lapsed_passes
    from stage.travel_passes as passes
    inner join stage.travel_years as years
        on passes.valid_from <= years.last_day and passes.expiry_date >= years.first_day
    left join stage.travel_addresses as addresses
        on
            passes.person_key = addresses.person_key
            and addresses.from_day <= years.last_day
            and addresses.until_day > years.first_day
),

-- Who died or moved out is in neither; another pass of the same person within ninety days is a renewal.
ran_out as (
    select
        years.financial_year,
        addresses.lsoa11_code,
        addresses.lsoa21_code,
        coalesce(addresses.place_status, 'missing') as place_status,
        passes.issuing_authority,
        passes.pass_type,
        0 as live_passes,
        0 as active_passes,
        0 as with_age,
        0 as pass_days,
        1 as expired_passes,
        case
            when
                exists (
                    select 1
                    from stage.travel_passes as others
                    where
                        others.person_key = passes.person_key
                        and others.pass_key <> passes.pass_key
                        and others.valid_from <= passes.expiry_date + parameters.renewal_days
                        and others.expiry_date > passes.expiry_date
                )
                then 0
            else 1
        end as lapsed_passes
    from stage.travel_passes as passes
    cross join ref.travel_parameters as parameters
    inner join stage.travel_years as years
        on passes.expiry_date between years.first_day and years.last_day
    left join stage.travel_addresses as addresses
        on
            passes.person_key = addresses.person_key
            and passes.expiry_date >= addresses.from_day
            and passes.expiry_date < addresses.until_day
    where
        passes.ended_on > passes.expiry_date
        and passes.dead_from > passes.expiry_date + parameters.renewal_days
        and not passes.has_moved_out
),

every_part as (
    select * from standing
    union all
    select * from days where days.pass_days > 0
    union all
    select * from ran_out
)

select
    every_part.financial_year,
    every_part.lsoa11_code,
    every_part.lsoa21_code,
    every_part.place_status,
    every_part.issuing_authority,
    every_part.pass_type,
    cast(sum(every_part.live_passes) as bigint) as live_passes,
    cast(sum(every_part.active_passes) as bigint) as active_passes,
    cast(sum(every_part.with_age) as bigint) as with_age,
    cast(sum(every_part.pass_days) as bigint) as pass_days,
    cast(sum(every_part.expired_passes) as bigint) as expired_passes,
    cast(sum(every_part.lapsed_passes) as bigint) as lapsed_passes
from every_part
group by
    every_part.financial_year,
    every_part.lsoa11_code,
    every_part.lsoa21_code,
    every_part.place_status,
    every_part.issuing_authority,
    every_part.pass_type
