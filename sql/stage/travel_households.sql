-- Grain: one LSOA of one edition.
-- Households with a car or van: of the census for LSOAs of 2021, moved back to those of 2011 by the
-- look-up (what was divided is added up, what was merged is divided by residents).
with newest as (
    select max(households.census_year) as census_year
    from raw.travel_households as households
),

census as (
    select
        households.lsoa21_code,
        households.households_1_car + households.households_2_cars + households.households_3_cars
            as households_with_car
    from raw.travel_households as households
    inner join newest
        on households.census_year = newest.census_year
),

areas as (
    select
        '2021' as lsoa_vintage,
        census.lsoa21_code as lsoa_code,
        cast(census.households_with_car as decimal(38, 10)) as households_with_car
    from census
    union all
    select
        '2011' as lsoa_vintage,
        changes.lsoa11_code as lsoa_code,
        exact_sum(census.households_with_car * changes.weight_2021_to_2011) as households_with_car
    from census
    inner join geo.lsoa_change as changes
        on census.lsoa21_code = changes.lsoa21_code
    group by changes.lsoa11_code
)

select
    lsoa.iod_edition,
    areas.lsoa_code,
    lsoa.lad_code,
    lsoa.imd_decile,
    areas.households_with_car
from areas
inner join geo.lsoa as lsoa
    on
        areas.lsoa_code = lsoa.lsoa_code
        and areas.lsoa_vintage = lsoa.vintage
where lsoa.in_area
