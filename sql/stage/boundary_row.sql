-- grain: one area of one vintage, as its boundary file has it
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
from raw.geography_boundaries as boundaries
