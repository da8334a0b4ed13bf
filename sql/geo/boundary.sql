-- grain: one area of one vintage
-- A combined authority lies in the site's area when it holds a district of it.
with area_authorities as (
    select district.combined_authority_code as area_code
    from stage.district as district
    where district.in_area and district.combined_authority_code is not null
    group by district.combined_authority_code
)

select
    boundary_row.area_code,
    boundary_row.vintage,
    boundary_row.area_type,
    boundary_row.area_name,
    boundary_row.lad_code,
    coalesce(district.in_area, false) or area_authorities.area_code is not null as in_area,
    boundary_row.geometry_geojson
from stage.boundary_row as boundary_row
left join stage.district as district
    on boundary_row.lad_code = district.lad_code
left join area_authorities
    on boundary_row.area_code = area_authorities.area_code
