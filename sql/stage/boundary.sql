-- grain: one area of one vintage
select
    boundaries.area_type,
    boundaries.vintage,
    boundaries.area_code,
    boundaries.area_name,
    boundaries.lad_code,
    boundaries.geometry_geojson
from raw.geography_boundaries as boundaries
