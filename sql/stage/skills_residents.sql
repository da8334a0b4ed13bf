-- Grain: one quintile of the area, or all of it.
-- Children are taken from the total, as no list of adults is sent. The newest estimate whose
-- areas are those of the edition of the Indices.
with edition as (
    select
        cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.skills_parameters as parameters
    where parameters.parameter = 'iod_edition'
),

counted as (
    select
        population.lsoa_code,
        population.lsoa_vintage,
        population.total as residents_all,
        population.total - (
            population.age_00 + population.age_01 + population.age_02 + population.age_03 +
            population.age_04 + population.age_05 + population.age_06 + population.age_07 +
            population.age_08 + population.age_09 + population.age_10 + population.age_11 +
            population.age_12 + population.age_13 + population.age_14 + population.age_15 +
            population.age_16 + population.age_17 + population.age_18
        ) as residents_adult
    from raw.geography_population as population
    qualify
        row_number() over (
            partition by population.lsoa_code, population.lsoa_vintage
            order by population.population_year desc, population.basis
        ) = 1
),

area as (
    select
        unnest([cast(lsoa.imd_quintile as varchar), 'all']) as imd_quintile,
        counted.residents_adult,
        counted.residents_all
    from edition
    inner join geo.lsoa as lsoa
        on edition.iod_edition = lsoa.iod_edition and lsoa.in_area
    inner join counted
        on lsoa.lsoa_code = counted.lsoa_code and lsoa.vintage = counted.lsoa_vintage
)

select
    area.imd_quintile,
    cast(sum(area.residents_adult) as bigint) as residents_adult,
    cast(sum(area.residents_all) as bigint) as residents_all
from area
group by area.imd_quintile
