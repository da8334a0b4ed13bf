-- Grain: one holder in one financial year.
-- When the holder last made a journey that counts, under whatever pass.
select
    years.financial_year,
    journeys.person_key,
    max(journeys.service_day) as last_journey_on
from stage.travel_journeys as journeys
inner join stage.travel_years as years
    on journeys.service_day between years.first_day and years.last_day
where journeys.counts_for_reach
group by years.financial_year, journeys.person_key
