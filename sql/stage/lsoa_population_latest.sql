-- grain: one LSOA of one vintage, the newest mid-year estimate of that vintage
-- One year for all LSOAs of a vintage, so that sums over areas never mix years.
with newest as (
    select
        lsoa_population.lsoa_vintage,
        max(lsoa_population.population_year) as population_year
    from stage.lsoa_population as lsoa_population
    where lsoa_population.basis = 'mid_year'
    group by lsoa_population.lsoa_vintage
)

select
    lsoa_population.lsoa_code,
    lsoa_population.lsoa_vintage,
    lsoa_population.population_year,
    lsoa_population.population,
    lsoa_population.population_60_plus,
    lsoa_population.population_66_plus,
    lsoa_population.population_pension_age,
    lsoa_population.pension_age_years
from stage.lsoa_population as lsoa_population
inner join newest
    on
        lsoa_population.lsoa_vintage = newest.lsoa_vintage
        and lsoa_population.population_year = newest.population_year
where lsoa_population.basis = 'mid_year'
