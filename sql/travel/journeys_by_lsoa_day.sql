-- Grain: service_day, pair of LSOAs, place_status, issuing_authority, pass_type, mode and is_peak.
-- Journeys that count for who is reached stand with the home of the holder; all others with neither, so
-- that a day adds up to its journeys. Boardings whose clock was wrong have no day and are in none.
select
    journeys.record_day as service_day,
    case when journeys.counts_for_reach then journeys.lsoa11_code end as lsoa11_code,
    case when journeys.counts_for_reach then journeys.lsoa21_code end as lsoa21_code,
    case when journeys.counts_for_reach then journeys.place_status else 'not_of_a_resident' end
        as place_status,
    coalesce(journeys.issuing_authority, 'unknown') as issuing_authority,
    coalesce(journeys.pass_type, 'unknown') as pass_type,
    journeys.mode,
    journeys.is_peak,
    count(*) as journeys,
    count(*) filter (where journeys.counts_for_reach) as resident_journeys,
    count(distinct journeys.pass_key) filter (where journeys.counts_for_reach) as active_passes
from stage.travel_journeys as journeys
where journeys.is_journey
group by
    journeys.record_day,
    case when journeys.counts_for_reach then journeys.lsoa11_code end,
    case when journeys.counts_for_reach then journeys.lsoa21_code end,
    case when journeys.counts_for_reach then journeys.place_status else 'not_of_a_resident' end,
    coalesce(journeys.issuing_authority, 'unknown'),
    coalesce(journeys.pass_type, 'unknown'),
    journeys.mode,
    journeys.is_peak
