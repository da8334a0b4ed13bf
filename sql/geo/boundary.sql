-- grain: one area of one vintage
with located as (
    select
        boundaries.area_code,
        boundaries.vintage,
        boundaries.area_type,
        boundaries.area_name,
        coalesce(
            boundaries.lad_code,
            case when boundaries.area_type = 'district' then boundaries.area_code end
        ) as lad_code,
        boundaries.geometry_geojson
    from stage.boundary as boundaries
),

-- A combined authority lies in the site's area when it holds a district of it.
area_authorities as (
    select district.combined_authority_code as area_code
    from stage.district as district
    where district.in_area and district.combined_authority_code is not null
    group by district.combined_authority_code
)

select
    located.area_code,
    located.vintage,
    located.area_type,
    located.area_name,
    located.lad_code,
    coalesce(district.in_area, false) or area_authorities.area_code is not null as in_area,
    located.geometry_geojson
from located
left join stage.district as district
    on located.lad_code = district.lad_code
left join area_authorities
    on located.area_code = area_authorities.area_code
