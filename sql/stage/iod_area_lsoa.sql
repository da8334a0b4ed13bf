-- grain: one LSOA in one area (its district, or the site's area) in one edition of the Indices
-- The input of the summary measures. The site's area stands under the code of its authority and is
-- built from LSOAs, never from district averages.
with authority as (
    select min(bodies.body_code) as area_code
    from site.bodies as bodies
    where bodies.role = 'authority'
),

site_area as (
    select
        authority.area_code,
        min(area.area_name) as area_name
    from site.area as area
    cross join authority
    where authority.area_code is not null
    group by authority.area_code
),

members as (
    select
        lsoa.lad_code as area_code,
        'district' as area_type,
        lsoa.lad_name as area_name,
        lsoa.in_area,
        lsoa.iod_edition,
        lsoa.lsoa_code,
        lsoa.imd_rank,
        lsoa.imd_score,
        lsoa.imd_score_basis,
        lsoa.imd_decile,
        lsoa.iod_population,
        lsoa.lsoas_in_england
    from geo.lsoa as lsoa
    where lsoa.lad_code is not null
    union all
    select
        site_area.area_code,
        'site_area' as area_type,
        site_area.area_name,
        lsoa.in_area,
        lsoa.iod_edition,
        lsoa.lsoa_code,
        lsoa.imd_rank,
        lsoa.imd_score,
        lsoa.imd_score_basis,
        lsoa.imd_decile,
        lsoa.iod_population,
        lsoa.lsoas_in_england
    from geo.lsoa as lsoa
    cross join site_area
    where lsoa.in_area
)

select
    members.area_code,
    members.area_type,
    members.area_name,
    members.in_area,
    members.iod_edition,
    members.lsoa_code,
    members.imd_rank,
    members.imd_score,
    members.imd_score_basis,
    members.imd_decile,
    members.iod_population as population,
    members.lsoas_in_england
from members
