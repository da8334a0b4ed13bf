-- Grain: financial_year, iod_edition, lsoa_code, place_status, issuing_authority and pass_group.
-- Who has a pass, and the journeys made, by the home of the holder. Only Merseytravel has a pass from
-- sixty, so only its passes are in the group of those aged sixty and over.
with passes as (
    select
        counts.financial_year,
        edition.iod_edition,
        case edition.lsoa_vintage when '2011' then counts.lsoa11_code else counts.lsoa21_code end
            as lsoa_code,
        counts.place_status,
        counts.issuing_authority,
        pass_groups.pass_group,
        counts.live_passes,
        counts.active_passes,
        counts.pass_days,
        counts.expired_passes,
        counts.lapsed_passes,
        0 as journeys,
        0 as peak_journeys
    from travel.passes_by_lsoa_year as counts
    inner join ref.travel_pass_groups as pass_groups
        on counts.pass_type = pass_groups.pass_type
    cross join ref.iod_edition as edition
    where pass_groups.pass_group <> 'sixty_plus' or counts.issuing_authority = 'merseytravel'
),

journeys as (
    select
        counts.financial_year,
        edition.iod_edition,
        case edition.lsoa_vintage when '2011' then counts.lsoa11_code else counts.lsoa21_code end
            as lsoa_code,
        counts.place_status,
        counts.issuing_authority,
        pass_groups.pass_group,
        0 as live_passes,
        0 as active_passes,
        0 as pass_days,
        0 as expired_passes,
        0 as lapsed_passes,
        counts.resident_journeys as journeys,
        case when counts.is_peak then counts.resident_journeys else 0 end as peak_journeys
    from stage.travel_journey_counts as counts
    inner join stage.travel_years as years
        on counts.financial_year = years.financial_year
    inner join ref.travel_pass_groups as pass_groups
        on counts.pass_type = pass_groups.pass_type
    cross join ref.iod_edition as edition
    where
        counts.resident_journeys > 0
        and (pass_groups.pass_group <> 'sixty_plus' or counts.issuing_authority = 'merseytravel')
),

every_count as (
    select * from passes
    union all
    select * from journeys
),

-- The row of an area table that a home belongs to. A large user's postcode is no home.
placed as (
    select
        every_count.*,
        lsoa.lsoa_code as known_lsoa,
        lsoa.lad_code,
        lsoa.ward_code,
        lsoa.imd_decile,
        case
            when not coalesce(status.may_be_resident, false) and status.table_status = 'placed'
                then 'unplaced'
            when coalesce(status.table_status, 'unplaced') <> 'placed'
                then coalesce(status.table_status, 'unplaced')
            when every_count.lsoa_code is null then 'unplaced'
            when lsoa.lsoa_code is null then 'outside_area'
            else 'placed'
        end as table_status
    from every_count
    left join ref.place_status as status
        on every_count.place_status = status.place_status
    left join geo.lsoa as lsoa
        on
            every_count.iod_edition = lsoa.iod_edition
            and every_count.lsoa_code = lsoa.lsoa_code
            and lsoa.in_area
)

select
    placed.financial_year,
    placed.iod_edition,
    case when placed.table_status = 'placed' then placed.lsoa_code end as lsoa_code,
    placed.table_status as place_status,
    placed.issuing_authority,
    placed.pass_group,
    case when placed.table_status = 'placed' then placed.lad_code end as lad_code,
    case when placed.table_status = 'placed' then placed.ward_code end as ward_code,
    case when placed.table_status = 'placed' then placed.imd_decile end as imd_decile,
    cast(sum(placed.live_passes) as bigint) as live_passes,
    cast(sum(placed.active_passes) as bigint) as active_passes,
    cast(sum(placed.pass_days) as bigint) as pass_days,
    cast(sum(placed.expired_passes) as bigint) as expired_passes,
    cast(sum(placed.lapsed_passes) as bigint) as lapsed_passes,
    cast(sum(placed.journeys) as bigint) as journeys,
    cast(sum(placed.peak_journeys) as bigint) as peak_journeys
from placed
group by
    placed.financial_year,
    placed.iod_edition,
    case when placed.table_status = 'placed' then placed.lsoa_code end,
    placed.table_status,
    placed.issuing_authority,
    placed.pass_group,
    case when placed.table_status = 'placed' then placed.lad_code end,
    case when placed.table_status = 'placed' then placed.ward_code end,
    case when placed.table_status = 'placed' then placed.imd_decile end
