-- Grain: one holder who died.
-- From which day on journeys count as made after the death: the day after it, but in no quarter that was
-- frozen when the death became known (restated for twelve months after its end).
select
    deaths.person_key,
    deaths.died_on,
    deaths.reported_on,
    greatest(
        deaths.died_on + 1,
        cast(
            date_trunc('quarter', deaths.reported_on - to_months(parameters.restatement_months))
            as date
        )
    ) as dead_from
from raw.travel_deaths as deaths
cross join ref.travel_parameters as parameters
