-- Grain: one message of one boarding.
-- What analysts may know of single boardings: no flag that may tell of misuse stands beside a key.
select
    journeys.record_day,
    journeys.journey_key,
    journeys.service_day,
    journeys.calendar_day,
    journeys.boarded_local,
    journeys.boarded_at,
    journeys.local_time_status,
    journeys.operator,
    journeys.service,
    journeys.stop,
    journeys.mode,
    journeys.pass_key,
    journeys.issuing_authority,
    journeys.pass_type,
    journeys.lsoa11_code,
    journeys.lsoa21_code,
    journeys.place_status,
    journeys.is_peak,
    journeys.is_free,
    journeys.is_exact_duplicate,
    journeys.is_journey,
    journeys.counts_for_reach
from stage.travel_journeys as journeys
