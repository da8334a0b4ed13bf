-- grain: one ward in one edition of the Indices
-- LSOAs belong to the ward they fit best. An LSOA of 2011 that was split across wards belongs to
-- none, and is counted in lsoas_not_placed of each ward it touches through its areas of 2021.
with wards as (
    select
        lsoa_ward.ward_code,
        max(lsoa_ward.ward_name) as ward_name,
        max(lsoa_ward.lad_code) as lad_code,
        max(lsoa_ward.ward_vintage) as ward_vintage
    from stage.lsoa_ward as lsoa_ward
    group by lsoa_ward.ward_code
),

counted as (
    select
        lsoa.ward_code,
        lsoa.iod_edition,
        count(*) as lsoas,
        count(*) filter (where lsoa.imd_decile = 1) as decile_1_lsoas,
        count(lsoa.imd_decile) = count(*) as all_ranked,
        case when count(lsoa.population) = count(*) then sum(lsoa.population) end as population,
        max(lsoa.population_year) as population_year
    from geo.lsoa as lsoa
    where lsoa.ward_code is not null
    group by lsoa.ward_code, lsoa.iod_edition
),

not_placed as (
    select
        lsoa_place.ward_code,
        lsoa.iod_edition,
        count(distinct lsoa.lsoa_code) as lsoas_not_placed
    from geo.lsoa as lsoa
    inner join geo.lsoa_change as lsoa_change
        on lsoa.vintage = '2011' and lsoa.lsoa_code = lsoa_change.lsoa11_code
    inner join stage.lsoa_place as lsoa_place
        on
            lsoa_place.lsoa_vintage = '2021'
            and lsoa_change.lsoa21_code = lsoa_place.lsoa_code
    where lsoa.ward_code is null and lsoa_place.ward_code is not null
    group by lsoa_place.ward_code, lsoa.iod_edition
),

supplied as (
    select lsoa.iod_edition
    from geo.lsoa as lsoa
    group by lsoa.iod_edition
)

select
    wards.ward_code,
    iod_edition.iod_edition,
    wards.ward_name,
    wards.ward_vintage,
    wards.lad_code,
    district.lad_name,
    district.pass_authority,
    district.in_area,
    counted.population,
    case when counted.population is not null then counted.population_year end as population_year,
    coalesce(counted.lsoas, 0) as lsoas,
    coalesce(not_placed.lsoas_not_placed, 0) as lsoas_not_placed,
    case when counted.all_ranked then counted.decile_1_lsoas end as decile_1_lsoas,
    case when counted.all_ranked then share(counted.decile_1_lsoas, counted.lsoas) end
        as imd_decile_1_share,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
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
        ['valid_from', 'not_dated'],
        ['valid_to', 'not_dated']
    ]) as null_reasons
from wards
cross join ref.iod_edition as iod_edition
left join supplied
    on iod_edition.iod_edition = supplied.iod_edition
left join counted
    on
        wards.ward_code = counted.ward_code
        and iod_edition.iod_edition = counted.iod_edition
left join not_placed
    on
        wards.ward_code = not_placed.ward_code
        and iod_edition.iod_edition = not_placed.iod_edition
left join stage.district as district
    on wards.lad_code = district.lad_code
