-- grain: one area of one vintage
select
    boundaries.area_code,
    boundaries.vintage,
    boundaries.area_type,
    boundaries.area_name,
    coalesce(
        boundaries.lad_code,
        case when boundaries.area_type = 'district' then boundaries.area_code end
    ) as lad_code,
    coalesce(
        district.in_area
        or (
            boundaries.area_type = 'combined_authority'
            and boundaries.area_code in (
                select area_district.combined_authority_code
                from stage.district as area_district
                where area_district.in_area
            )
        ),
        false
    ) as in_area,
    boundaries.geometry_geojson
from raw.geography_boundaries as boundaries
left join stage.district as district
    on
        coalesce(
            boundaries.lad_code,
            case when boundaries.area_type = 'district' then boundaries.area_code end
        ) = district.lad_code
