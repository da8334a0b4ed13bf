-- Grain: one stop of the newest edition of NaPTAN.
with newest as (
    select max(stops.edition) as edition
    from raw.travel_stops as stops
)

select
    stops.atco_code,
    stops.naptan_code,
    stops.stop_name,
    stops.locality_name,
    stops.stop_type,
    stops.easting,
    stops.northing,
    coalesce(stops.stop_status, 'ACT') = 'ACT' as is_active
from raw.travel_stops as stops
inner join newest
    on stops.edition = newest.edition
