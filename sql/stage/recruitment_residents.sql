-- Grain: one decile or one district of the area, in the edition of the Indices in which homes of
-- applicants are told.
-- Who lives there: the line of parity that applicants are held against. The area's own residents, not a
-- tenth in each decile, are what applications would look like if home made no difference.
with parameter as (
    select cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.pay_parameters as parameters
    where parameters.parameter = 'home_iod_edition'
),

area as (
    select
        lsoa.imd_decile,
        lsoa.active_lad_code,
        lsoa.population,
        lsoa.population_year
    from geo.lsoa as lsoa
    inner join parameter
        on lsoa.iod_edition = parameter.iod_edition
    inner join ref.iod_edition as editions
        on
            lsoa.iod_edition = editions.iod_edition
            and lsoa.vintage = editions.lsoa_vintage
    where lsoa.in_area
),

place as (
    select
        'home_imd_decile' as characteristic,
        'decile_' || cast(area.imd_decile as varchar) as group_code,
        area.population,
        area.population_year
    from area
    where area.imd_decile is not null
    union all
    -- A decile that no area lies in has no residents.
    select
        'home_imd_decile' as characteristic,
        'decile_' || cast(deciles.decile as varchar) as group_code,
        0 as population,
        cast(null as integer) as population_year
    from range(1, 11) as deciles (decile)
    where exists (select area.imd_decile from area)
    union all
    select
        'home_district' as characteristic,
        area.active_lad_code as group_code,
        area.population,
        area.population_year
    from area
    where area.active_lad_code is not null
),

counted as (
    select
        place.characteristic,
        place.group_code,
        -- Of a place one of whose areas is not counted nobody knows the residents.
        case when count(place.population) = count(*) then cast(sum(place.population) as bigint) end
            as residents,
        max(place.population_year) as population_year
    from place
    group by place.characteristic, place.group_code
),

whole as (
    select
        counted.characteristic,
        case when count(counted.residents) = count(*) then cast(sum(counted.residents) as bigint) end
            as residents
    from counted
    group by counted.characteristic
)

select
    counted.characteristic,
    counted.group_code,
    counted.residents,
    share(counted.residents, whole.residents) as residents_share,
    counted.population_year
from counted
inner join whole
    on counted.characteristic = whole.characteristic
