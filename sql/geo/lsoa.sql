-- grain: one LSOA of one vintage in one edition of the Indices
with known_facts as (
    select
        iod_lsoa.iod_edition,
        iod_lsoa.lsoa_code,
        iod_lsoa.lsoa_vintage,
        coalesce(iod_lsoa.lsoa_name, lsoa_place.lsoa_name) as lsoa_name,
        lsoa_place.ward_code,
        lsoa_place.ward_name,
        lsoa_place.ward_vintage,
        coalesce(lsoa_place.is_split_across_wards, false) as is_split_across_wards,
        lsoa_place.msoa_code,
        lsoa_place.msoa_local_name,
        -- The district the edition itself names comes first: a ward is only a best fit.
        coalesce(iod_lsoa.lad_code, lsoa_place.ward_lad_code) as lad_code,
        iod_lsoa.lad_vintage,
        iod_lsoa.lsoas_in_england,
        coalesce(iod_lsoa.imd_score_published, iod_score.imd_score_rebuilt) as imd_score,
        case
            when iod_lsoa.imd_score_published is not null then 'published'
            when iod_score.imd_score_rebuilt is not null then 'derived'
        end as imd_score_basis,
        iod_lsoa.imd_rank,
        iod_lsoa.income_rank,
        iod_lsoa.employment_rank,
        iod_lsoa.education_rank,
        iod_lsoa.health_rank,
        iod_lsoa.crime_rank,
        iod_lsoa.barriers_rank,
        iod_lsoa.living_environment_rank,
        iod_lsoa.idaci_rank,
        iod_lsoa.idaopi_rank,
        iod_lsoa.iod_population,
        iod_lsoa.iod_population_older,
        lsoa_population_latest.population,
        lsoa_population_latest.population_60_plus,
        lsoa_population_latest.population_66_plus,
        lsoa_population_latest.population_pension_age,
        lsoa_population_latest.pension_age_years,
        lsoa_population_latest.population_year
    from stage.iod_lsoa as iod_lsoa
    left join stage.iod_score as iod_score
        on
            iod_lsoa.iod_edition = iod_score.iod_edition
            and iod_lsoa.lsoa_code = iod_score.lsoa_code
    left join stage.lsoa_place as lsoa_place
        on
            iod_lsoa.lsoa_vintage = lsoa_place.lsoa_vintage
            and iod_lsoa.lsoa_code = lsoa_place.lsoa_code
    left join stage.lsoa_population_latest as lsoa_population_latest
        on
            iod_lsoa.lsoa_vintage = lsoa_population_latest.lsoa_vintage
            and iod_lsoa.lsoa_code = lsoa_population_latest.lsoa_code
)

select
    known.lsoa_code,
    known.lsoa_name,
    known.lsoa_vintage as vintage,
    known.ward_code,
    known.ward_name,
    known.ward_vintage,
    known.msoa_code,
    known.msoa_local_name,
    known.lad_code,
    district.lad_name,
    known.lad_vintage,
    district.active_lad_code,
    district.pass_authority,
    coalesce(district.in_area or active_district.in_area, false) as in_area,
    known.iod_edition,
    known.imd_score,
    known.imd_score_basis,
    known.imd_rank,
    quantile_of_rank(known.imd_rank, known.lsoas_in_england, 10) as imd_decile,
    quantile_of_rank(known.imd_rank, known.lsoas_in_england, 5) as imd_quintile,
    known.income_rank,
    quantile_of_rank(known.income_rank, known.lsoas_in_england, 10) as income_decile,
    known.employment_rank,
    quantile_of_rank(known.employment_rank, known.lsoas_in_england, 10) as employment_decile,
    known.education_rank,
    quantile_of_rank(known.education_rank, known.lsoas_in_england, 10) as education_decile,
    known.health_rank,
    quantile_of_rank(known.health_rank, known.lsoas_in_england, 10) as health_decile,
    known.crime_rank,
    quantile_of_rank(known.crime_rank, known.lsoas_in_england, 10) as crime_decile,
    known.barriers_rank,
    quantile_of_rank(known.barriers_rank, known.lsoas_in_england, 10) as barriers_decile,
    known.living_environment_rank,
    quantile_of_rank(known.living_environment_rank, known.lsoas_in_england, 10)
        as living_environment_decile,
    known.idaci_rank,
    quantile_of_rank(known.idaci_rank, known.lsoas_in_england, 10) as idaci_decile,
    known.idaopi_rank,
    quantile_of_rank(known.idaopi_rank, known.lsoas_in_england, 10) as idaopi_decile,
    known.lsoas_in_england,
    known.iod_population,
    known.iod_population_older,
    known.population,
    known.population_60_plus,
    known.population_66_plus,
    known.population_pension_age,
    known.pension_age_years,
    known.population_year,
    null_reasons([
        [
            'ward_code',
            case
                when known.ward_code is not null then null
                when known.is_split_across_wards then 'split_across_wards'
                else 'not_supplied'
            end
        ],
        ['msoa_code', case when known.msoa_code is null then 'not_supplied' end],
        ['lad_code', case when known.lad_code is null then 'not_supplied' end],
        ['imd_score', case when known.imd_score is null then 'not_supplied' end],
        ['imd_rank', case when known.imd_rank is null then 'not_supplied' end],
        ['income_rank', case when known.income_rank is null then 'not_supplied' end],
        ['employment_rank', case when known.employment_rank is null then 'not_supplied' end],
        ['education_rank', case when known.education_rank is null then 'not_supplied' end],
        ['health_rank', case when known.health_rank is null then 'not_supplied' end],
        ['crime_rank', case when known.crime_rank is null then 'not_supplied' end],
        ['barriers_rank', case when known.barriers_rank is null then 'not_supplied' end],
        [
            'living_environment_rank',
            case when known.living_environment_rank is null then 'not_supplied' end
        ],
        ['idaci_rank', case when known.idaci_rank is null then 'not_supplied' end],
        ['idaopi_rank', case when known.idaopi_rank is null then 'not_supplied' end],
        ['iod_population', case when known.iod_population is null then 'not_supplied' end],
        ['population', case when known.population is null then 'not_supplied' end],
        ['population_60_plus', case when known.population_60_plus is null then 'not_supplied' end],
        [
            'population_pension_age',
            case
                when known.population_pension_age is not null then null
                when known.population_60_plus is null then 'not_supplied'
                else 'pension_age_differs_by_sex'
            end
        ]
    ]) as null_reasons
from known_facts as known
left join stage.district as district
    on known.lad_code = district.lad_code
left join stage.district as active_district
    on district.active_lad_code = active_district.lad_code
