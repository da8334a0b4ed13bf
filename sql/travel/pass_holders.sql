-- Grain: one authority in one financial year, group of passes, edition of the Indices and decile.
-- Who holds a pass, how complete the register is, and what passes are used for (SP01 to SP07, SP09, SP10).
-- Merseytravel and Halton stand apart and are never added. Deprivation is told of older people's passes
-- alone, beside residents of State Pension age: of other passes nobody says who could have one. What rests
-- on journeys is null unless they were made with passes of the authority in every month, since a month
-- without any has not come.
with register as (
    select
        passes.financial_year,
        passes.issuing_authority,
        sum(passes.live_passes) as holders,
        sum(passes.live_passes) filter (where coalesce(passes.lsoa21_code, passes.lsoa11_code) is not null)
            as placed,
        sum(passes.with_age) filter (where coalesce(passes.lsoa21_code, passes.lsoa11_code) is not null)
            as complete,
        bool_and(passes.with_age is not null) as has_ages
    from travel.passes_by_lsoa_year as passes
    where passes.issuing_authority in (select authorities.pass_authority from ref.pass_authority as authorities)
    group by passes.financial_year, passes.issuing_authority
    having sum(passes.live_passes) > 0
),

travelled as (
    select
        journeys.financial_year,
        journeys.issuing_authority,
        count(distinct journeys.service_month) as journey_months
    from stage.travel_journey_counts as journeys
    where journeys.journeys > 0
    group by journeys.financial_year, journeys.issuing_authority
),

homes as (
    select
        register.financial_year,
        register.issuing_authority,
        register.placed,
        case when register.has_ages then coalesce(register.complete, 0) end as complete,
        travelled.journey_months,
        reach.pass_group,
        reach.iod_edition,
        reach.place_status,
        reach.imd_decile,
        reach.live_passes,
        reach.active_passes,
        reach.journeys,
        reach.journeys_per_pass,
        reach.peak_share,
        reach.eligible,
        reach.reliability
    from register
    inner join travel.reach as reach
        on
            register.financial_year = reach.financial_year
            and register.issuing_authority = reach.issuing_authority
            and reach.pass_group in ('all', 'older')
            and reach.place_status in ('all', 'placed')
    left join travelled
        on
            register.financial_year = travelled.financial_year
            and register.issuing_authority = travelled.issuing_authority
),

edition as (
    select min(editions.iod_edition) as any_edition
    from ref.iod_edition as editions
),

-- All homes are counted alike in every edition.
every_home as (
    select
        homes.financial_year,
        homes.issuing_authority,
        homes.pass_group,
        'none' as iod_edition,
        cast(null as integer) as imd_decile,
        homes.live_passes as holders,
        homes.pass_group = 'all' as is_all_passes,
        homes.active_passes as active,
        homes.placed,
        homes.complete,
        homes.journeys_per_pass,
        homes.peak_share,
        cast(null as bigint) as residents,
        cast(null as bigint) as journeys,
        homes.journey_months,
        false as is_too_few_placed
    from homes
    inner join edition on homes.iod_edition = edition.any_edition
    where homes.place_status = 'all'
),

older_by_decile as (
    select
        homes.financial_year,
        homes.issuing_authority,
        homes.pass_group,
        homes.iod_edition,
        homes.imd_decile,
        sum(homes.live_passes) as holders,
        false as is_all_passes,
        cast(null as bigint) as active,
        cast(null as bigint) as placed,
        cast(null as bigint) as complete,
        cast(null as double) as journeys_per_pass,
        cast(null as double) as peak_share,
        sum(homes.eligible) as residents,
        sum(homes.journeys) as journeys,
        max(homes.journey_months) as journey_months,
        bool_or(coalesce(homes.reliability = 'placement_too_low', false)) as is_too_few_placed
    from homes
    where homes.place_status = 'placed' and homes.pass_group = 'older'
    group by
        grouping sets (
            (homes.financial_year, homes.issuing_authority, homes.pass_group, homes.iod_edition, homes.imd_decile),
            (homes.financial_year, homes.issuing_authority, homes.pass_group, homes.iod_edition)
        )
),

counted as (
    select * from every_home
    union all
    select * from older_by_decile
)

select
    counted.financial_year,
    counted.issuing_authority,
    counted.pass_group,
    counted.iod_edition,
    counted.imd_decile,
    cast(counted.holders as bigint) as holders_rounded,
    case when counted.is_all_passes then cast(counted.placed as bigint) end as placed_rounded,
    case when counted.is_all_passes then cast(counted.complete as bigint) end as complete_rounded,
    case when counted.is_all_passes and counted.journey_months = 12 then cast(counted.active as bigint) end
        as active_rounded,
    case when counted.is_all_passes then open_share(counted.placed, counted.holders) end as placed_share,
    case when counted.is_all_passes then open_share(counted.complete, counted.holders) end as complete_share,
    case
        when counted.is_all_passes and counted.journey_months = 12
            then open_share(counted.active, counted.holders)
    end as active_share,
    case
        when counted.is_all_passes and counted.journey_months = 12
            then open_use(counted.journeys_per_pass, counted.holders, 1)
    end as journeys_per_pass,
    case
        when counted.is_all_passes and counted.journey_months = 12
            then open_use(counted.peak_share, counted.holders, 3)
    end as peak_share,
    cast(counted.residents as bigint) as residents,
    round(share(counted.residents, whole.residents), 6) as residents_share,
    case
        when not counted.is_too_few_placed then round(share(counted.holders, counted.residents), 4)
    end as take_up_share,
    case
        when not counted.is_too_few_placed and counted.journey_months = 12
            then open_use(share(counted.journeys, whole.journeys), whole.holders, 3)
    end as journeys_share,
    cast(coalesce(counted.journey_months, 0) as bigint) as journey_months,
    case
        when counted.is_too_few_placed then 'placement_too_low'
        when counted.iod_edition <> 'none' and counted.residents is null then 'not_supplied'
        when counted.residents = 0 then 'zero_base'
    end as null_reason,
    cast(null as varchar) as withheld
from counted
left join older_by_decile as whole
    on
        counted.financial_year = whole.financial_year
        and counted.issuing_authority = whole.issuing_authority
        and counted.iod_edition = whole.iod_edition
        and whole.imd_decile is null
