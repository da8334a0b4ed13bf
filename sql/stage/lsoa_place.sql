-- grain: one LSOA of one vintage with the ward, MSOA and district it lies in
-- Wards are published for LSOA 2021. An LSOA of 2011 takes a ward only when all its areas of 2021
-- lie in that one ward; otherwise it has none, since areas are never split by guess.
with newest_wards as (
    select max(lsoa_ward.ward_vintage) as ward_vintage
    from stage.lsoa_ward as lsoa_ward
),

ward_2021 as (
    select
        '2021' as lsoa_vintage,
        lsoa_ward.lsoa21_code as lsoa_code,
        lsoa_ward.lsoa21_name as lsoa_name,
        lsoa_ward.ward_code,
        lsoa_ward.ward_name,
        lsoa_ward.ward_vintage
    from stage.lsoa_ward as lsoa_ward
    inner join newest_wards
        on lsoa_ward.ward_vintage = newest_wards.ward_vintage
),

-- The district in the code vintage of each edition; the newest vintage when that one is missing. An
-- LSOA that no ward look-up knows takes the district of the exact-fit look-up.
district_2021 as (
    select
        '2021' as lsoa_vintage,
        lsoa_ward.lsoa21_code as lsoa_code,
        coalesce(
            max(lsoa_ward.lad_code) filter (
                where lsoa_ward.ward_vintage = iod_edition.lad_vintage
            ),
            max(lsoa_ward.lad_code) filter (
                where lsoa_ward.ward_vintage = newest_wards.ward_vintage
            )
        ) as lad_code
    from stage.lsoa_ward as lsoa_ward
    cross join newest_wards
    inner join ref.iod_edition as iod_edition
        on iod_edition.lsoa_vintage = '2021'
    group by lsoa_ward.lsoa21_code
),

changes as (
    select
        lsoa_pair.lsoa11_code,
        lsoa_pair.lsoa11_name,
        lsoa_pair.lsoa21_code,
        lsoa_pair.lsoa21_name,
        lsoa_pair.lad_code
    from stage.lsoa_pair as lsoa_pair
),

changes_district as (
    select
        '2021' as lsoa_vintage,
        changes.lsoa21_code as lsoa_code,
        min(changes.lad_code) as lad_code
    from changes
    group by changes.lsoa21_code
),

touched_2011 as (
    select
        changes.lsoa11_code as lsoa_code,
        count(distinct ward_2021.ward_code) as wards,
        count(ward_2021.ward_code) = count(*) as all_known,
        min(ward_2021.ward_code) as ward_code,
        min(ward_2021.ward_name) as ward_name,
        min(ward_2021.ward_vintage) as ward_vintage
    from changes
    left join ward_2021
        on changes.lsoa21_code = ward_2021.lsoa_code
    group by changes.lsoa11_code
),

ward as (
    select
        ward_2021.lsoa_vintage,
        ward_2021.lsoa_code,
        ward_2021.ward_code,
        ward_2021.ward_name,
        ward_2021.ward_vintage,
        false as is_split_across_wards
    from ward_2021
    union all
    select
        '2011' as lsoa_vintage,
        touched_2011.lsoa_code,
        case when touched_2011.wards = 1 and touched_2011.all_known then touched_2011.ward_code end
            as ward_code,
        case when touched_2011.wards = 1 and touched_2011.all_known then touched_2011.ward_name end
            as ward_name,
        case
            when touched_2011.wards = 1 and touched_2011.all_known
                then touched_2011.ward_vintage
        end as ward_vintage,
        touched_2011.wards > 1 as is_split_across_wards
    from touched_2011
),

every_lsoa as (
    select
        iod_lsoa.lsoa_code,
        iod_lsoa.lsoa_vintage,
        iod_lsoa.lsoa_name
    from stage.iod_lsoa as iod_lsoa
    union all
    select
        changes.lsoa11_code as lsoa_code,
        '2011' as lsoa_vintage,
        changes.lsoa11_name as lsoa_name
    from changes
    union all
    select
        changes.lsoa21_code as lsoa_code,
        '2021' as lsoa_vintage,
        changes.lsoa21_name as lsoa_name
    from changes
    union all
    select
        ward_2021.lsoa_code,
        '2021' as lsoa_vintage,
        ward_2021.lsoa_name
    from ward_2021
),

lsoa as (
    select
        every_lsoa.lsoa_code,
        every_lsoa.lsoa_vintage,
        max(every_lsoa.lsoa_name) as lsoa_name,
        -- The name of an LSOA is the name of its MSOA and one letter.
        regexp_replace(max(every_lsoa.lsoa_name), '[A-Z]$', '') as msoa_name
    from every_lsoa
    group by every_lsoa.lsoa_code, every_lsoa.lsoa_vintage
),

msoa as (
    select
        '2011' as lsoa_vintage,
        msoas.msoa11_name as msoa_name,
        msoas.msoa11_code as msoa_code,
        msoas.msoa_local_name
    from raw.geography_msoas as msoas
    where msoas.msoa11_code is not null
    union all
    select
        '2021' as lsoa_vintage,
        msoas.msoa_name,
        msoas.msoa21_code as msoa_code,
        msoas.msoa_local_name
    from raw.geography_msoas as msoas
    where msoas.msoa21_code is not null
)

select
    lsoa.lsoa_code,
    lsoa.lsoa_vintage,
    lsoa.lsoa_name,
    ward.ward_code,
    ward.ward_name,
    ward.ward_vintage,
    coalesce(ward.is_split_across_wards, false) as is_split_across_wards,
    msoa.msoa_code,
    msoa.msoa_local_name,
    coalesce(district_2021.lad_code, changes_district.lad_code) as ward_lad_code
from lsoa
left join ward
    on
        lsoa.lsoa_vintage = ward.lsoa_vintage
        and lsoa.lsoa_code = ward.lsoa_code
left join district_2021
    on
        lsoa.lsoa_vintage = district_2021.lsoa_vintage
        and lsoa.lsoa_code = district_2021.lsoa_code
left join changes_district
    on
        lsoa.lsoa_vintage = changes_district.lsoa_vintage
        and lsoa.lsoa_code = changes_district.lsoa_code
left join msoa
    on
        lsoa.lsoa_vintage = msoa.lsoa_vintage
        and lsoa.msoa_name = msoa.msoa_name
