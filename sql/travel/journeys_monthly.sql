-- Grain: service_month, district, pass_group and mode.
-- Journeys of residents by the district of their home, and all other journeys in rows of their own, so
-- that a month adds up to its journeys.
with placed as (
    select
        counts.service_month,
        counts.financial_year,
        coalesce(pass_types.monthly_group, 'unknown') as pass_group,
        counts.mode,
        case
            when counts.place_status = 'not_of_a_resident' then 'not_of_a_resident'
            when
                coalesce(status.table_status, 'unplaced') <> 'placed'
                then coalesce(status.table_status, 'unplaced')
            when not status.may_be_resident or counts.lsoa21_code is null then 'unplaced'
            else coalesce(lsoa.lad_code, 'outside_area')
        end as district,
        counts.journeys
    from stage.travel_journey_counts as counts
    left join ref.travel_pass_types as pass_types
        on counts.pass_type = pass_types.pass_type
    left join ref.place_status as status
        on counts.place_status = status.place_status
    left join geo.lsoa as lsoa
        on counts.lsoa21_code = lsoa.lsoa_code and lsoa.vintage = '2021' and lsoa.in_area
),

names as (
    select district.lad_code, min(district.lad_name) as lad_name
    from geo.district as district
    group by district.lad_code
)

select
    placed.service_month,
    placed.financial_year,
    placed.district,
    names.lad_code,
    coalesce(names.lad_name, placed.district) as lad_name,
    placed.pass_group,
    placed.mode,
    cast(sum(placed.journeys) as bigint) as journeys,
    false as suppressed
from placed
left join names
    on placed.district = names.lad_code
group by
    placed.service_month,
    placed.financial_year,
    placed.district,
    names.lad_code,
    coalesce(names.lad_name, placed.district),
    placed.pass_group,
    placed.mode
