-- grain: one district code in one edition of the Indices
-- A code of today that the edition did not know takes the LSOAs of the codes it stands for.
with members as (
    select
        lsoa.lad_code,
        lsoa.iod_edition,
        lsoa.imd_decile,
        lsoa.population,
        lsoa.population_year
    from geo.lsoa as lsoa
    where lsoa.lad_code is not null
    union all
    select
        lsoa.active_lad_code as lad_code,
        lsoa.iod_edition,
        lsoa.imd_decile,
        lsoa.population,
        lsoa.population_year
    from geo.lsoa as lsoa
    where lsoa.active_lad_code <> lsoa.lad_code
),

counted as (
    select
        members.lad_code,
        members.iod_edition,
        count(*) as lsoas,
        count(*) filter (where members.imd_decile = 1) as decile_1_lsoas,
        count(members.imd_decile) = count(*) as all_ranked,
        case when count(members.population) = count(*) then sum(members.population) end
            as population,
        max(members.population_year) as population_year
    from members
    group by members.lad_code, members.iod_edition
),

supplied as (
    select lsoa.iod_edition
    from geo.lsoa as lsoa
    group by lsoa.iod_edition
)

select
    district.lad_code,
    iod_edition.iod_edition,
    district.lad_name,
    district.active_lad_code,
    district.lad_code = district.active_lad_code as is_current,
    district.country_code,
    district.combined_authority_code,
    district.combined_authority_name,
    district.pass_authority,
    district.in_area,
    counted.population,
    case when counted.population is not null then counted.population_year end as population_year,
    coalesce(counted.lsoas, 0) as lsoas,
    case when counted.all_ranked then counted.decile_1_lsoas end as decile_1_lsoas,
    case when counted.all_ranked then share(counted.decile_1_lsoas, counted.lsoas) end
        as imd_decile_1_share,
    district.valid_from,
    district.valid_to,
    null_reasons([
        [
            'imd_decile_1_share',
            case
                when not starts_with(district.country_code, 'E') then 'not_england'
                when counted.lsoas is null and supplied.iod_edition is not null
                    then 'no_lsoas_in_edition'
                when counted.lsoas is null then 'not_supplied'
                when not counted.all_ranked then 'not_supplied'
            end
        ],
        ['population', case when counted.population is null then 'not_supplied' end],
        ['pass_authority', case when district.pass_authority is null then 'outside_area' end],
        ['valid_from', case when district.valid_from is null then 'not_dated' end]
    ]) as null_reasons
from stage.district as district
cross join ref.iod_edition as iod_edition
left join supplied
    on iod_edition.iod_edition = supplied.iod_edition
left join counted
    on
        district.lad_code = counted.lad_code
        and iod_edition.iod_edition = counted.iod_edition
