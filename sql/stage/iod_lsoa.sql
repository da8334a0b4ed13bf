-- grain: one LSOA in one edition of the Indices, its file parts merged
-- Parts carry the same figures where they overlap (a check holds them to it), so max() only picks
-- the part that has the figure.
with merged as (
    select
        deprivation.iod_edition,
        deprivation.lsoa_code,
        max(deprivation.lsoa_name) as lsoa_name,
        max(deprivation.lad_code) as lad_code,
        max(deprivation.lad_name) as lad_name,
        max(deprivation.imd_score) as imd_score_published,
        max(deprivation.imd_rank) as imd_rank,
        max(deprivation.imd_decile) as imd_decile_published,
        max(deprivation.income_rank) as income_rank,
        max(deprivation.income_decile) as income_decile_published,
        max(deprivation.employment_rank) as employment_rank,
        max(deprivation.employment_decile) as employment_decile_published,
        max(deprivation.education_rank) as education_rank,
        max(deprivation.education_decile) as education_decile_published,
        max(deprivation.health_rank) as health_rank,
        max(deprivation.health_decile) as health_decile_published,
        max(deprivation.crime_rank) as crime_rank,
        max(deprivation.crime_decile) as crime_decile_published,
        max(deprivation.barriers_rank) as barriers_rank,
        max(deprivation.barriers_decile) as barriers_decile_published,
        max(deprivation.living_environment_rank) as living_environment_rank,
        max(deprivation.living_environment_decile) as living_environment_decile_published,
        max(deprivation.idaci_rank) as idaci_rank,
        max(deprivation.idaci_decile) as idaci_decile_published,
        max(deprivation.idaopi_rank) as idaopi_rank,
        max(deprivation.idaopi_decile) as idaopi_decile_published,
        max(deprivation.population_total) as iod_population,
        max(deprivation.population_older) as iod_population_older
    from raw.geography_deprivation as deprivation
    group by deprivation.iod_edition, deprivation.lsoa_code
)

select
    merged.iod_edition,
    iod_edition.lsoa_vintage,
    merged.lsoa_code,
    merged.lsoa_name,
    merged.lad_code,
    merged.lad_name,
    iod_edition.lad_vintage,
    iod_edition.lsoas_in_england,
    merged.imd_score_published,
    merged.imd_rank,
    merged.imd_decile_published,
    merged.income_rank,
    merged.income_decile_published,
    merged.employment_rank,
    merged.employment_decile_published,
    merged.education_rank,
    merged.education_decile_published,
    merged.health_rank,
    merged.health_decile_published,
    merged.crime_rank,
    merged.crime_decile_published,
    merged.barriers_rank,
    merged.barriers_decile_published,
    merged.living_environment_rank,
    merged.living_environment_decile_published,
    merged.idaci_rank,
    merged.idaci_decile_published,
    merged.idaopi_rank,
    merged.idaopi_decile_published,
    merged.iod_population,
    merged.iod_population_older
from merged
inner join ref.iod_edition as iod_edition
    on merged.iod_edition = iod_edition.iod_edition
