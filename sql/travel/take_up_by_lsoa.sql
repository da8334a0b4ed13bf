-- Grain: financial_year, iod_edition, lsoa_code and pass_group.
-- Take-up of every LSOA. More passes than residents who could have one is flagged and never capped: stale
-- addresses, deaths nobody told of, or the estimate.
with held as (
    select
        reach.financial_year,
        reach.iod_edition,
        reach.lsoa_code,
        reach.pass_group,
        sum(reach.live_passes) as live_passes,
        sum(reach.active_passes) as active_passes,
        sum(reach.journeys) as journeys
    from stage.travel_reach_lsoa as reach
    where reach.place_status = 'placed' and reach.pass_group in ('older', 'sixty_plus')
    group by reach.financial_year, reach.iod_edition, reach.lsoa_code, reach.pass_group
),

could as (
    select
        residents.financial_year,
        residents.iod_edition,
        residents.lsoa_code,
        residents.lad_code,
        residents.imd_decile,
        unnest([
            {'pass_group': 'older', 'people': residents.residents_pension_age},
            {
                'pass_group': 'sixty_plus',
                'people': case when residents.has_pass_from_60 then residents.residents_60_plus end
            }
        ]) as item
    from stage.travel_eligible as residents
    where residents.lsoa_code is not null
)

select
    could.financial_year,
    could.iod_edition,
    could.lsoa_code,
    could.item.pass_group as pass_group,
    could.lad_code,
    could.imd_decile,
    could.item.people as eligible,
    cast(coalesce(held.live_passes, 0) as bigint) as live_passes,
    cast(coalesce(held.active_passes, 0) as bigint) as active_passes,
    cast(coalesce(held.journeys, 0) as bigint) as journeys,
    share(coalesce(held.live_passes, 0), could.item.people) as take_up_share,
    coalesce(held.live_passes > could.item.people, false) as take_up_above_one,
    case
        when could.item.people is null then 'no_such_pass'
        when could.item.people = 0 then 'zero_base'
    end as null_reason
from could
left join held
    on
        could.financial_year = held.financial_year
        and could.iod_edition = held.iod_edition
        and could.lsoa_code = held.lsoa_code
        and could.item.pass_group = held.pass_group
