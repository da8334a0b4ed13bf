-- Grain: one decile of one measure of one authority in one financial year and edition.
-- What the inequality measures are made from: a value for each decile with the people it is of, in the
-- order from the most to the least deprived. Shares are of people, rates of journeys for a person.
with deciles as (
    select
        reach.financial_year,
        reach.breakdown_value as authority,
        reach.pass_group,
        reach.iod_edition,
        reach.imd_decile,
        reach.eligible,
        reach.live_passes,
        reach.active_passes,
        reach.journeys
    from travel.reach as reach
    where
        reach.breakdown in ('all', 'authority')
        and reach.pass_group in ('older', 'sixty_plus')
        and reach.place_status = 'placed'
        and reach.imd_decile is not null
        and reach.breakdown_value <> 'other'
),

measured as (
    select
        deciles.financial_year,
        deciles.authority,
        deciles.iod_edition,
        deciles.imd_decile,
        deciles.eligible,
        unnest([
            {
                'measure': 'take_up_' || deciles.pass_group,
                'kind': 'proportion',
                'number': deciles.live_passes
            },
            {
                'measure': 'active_' || deciles.pass_group,
                'kind': 'proportion',
                'number': deciles.active_passes
            },
            {
                'measure': 'journeys_per_eligible_' || deciles.pass_group,
                'kind': 'rate',
                'number': deciles.journeys
            }
        ]) as item
    from deciles
)

select
    measured.financial_year,
    measured.authority,
    measured.item.measure as measure,
    measured.iod_edition,
    cast(measured.imd_decile as bigint) as imd_decile,
    measured.item.kind as value_kind,
    measured.eligible as people,
    cast(measured.item.number as bigint) as happened
from measured
