-- Grain: one mode in one financial year.
-- An open table: it speaks of journeys alone, of whole years that are over.
with yearly as (
    select
        counts.financial_year,
        counts.mode,
        sum(counts.journeys) as journeys
    from stage.travel_journey_counts as counts
    inner join stage.travel_years as years
        on counts.financial_year = years.financial_year
    group by counts.financial_year, counts.mode
)

select
    yearly.financial_year,
    yearly.mode,
    cast(yearly.journeys as bigint) as journeys,
    share(yearly.journeys, sum(yearly.journeys) over (partition by yearly.financial_year))
        as journeys_share
from yearly
