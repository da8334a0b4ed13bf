-- Grain: one pass.
-- The passes of the register in the warehouse's words, with the day on which each came to its end.
with events as (
    select
        pass_events.pass_key,
        -- A pass that is live again did not end before that.
        max(pass_events.changed_on) filter (where pass_events.event = 'LIVE') as last_live_on
    from raw.travel_pass_events as pass_events
    group by pass_events.pass_key
),

endings as (
    select
        pass_events.pass_key,
        min(pass_events.changed_on) as ended_on
    from raw.travel_pass_events as pass_events
    left join events
        on pass_events.pass_key = events.pass_key
    where
        pass_events.event in (
            'SURRENDERED', 'REPLACED', 'LOST', 'STOLEN', 'WITHDRAWN', 'MOVED_OUT', 'DECEASED'
        )
        and pass_events.changed_on >= coalesce(events.last_live_on, date '1900-01-01')
    group by pass_events.pass_key
)

select
    passes.pass_key,
    passes.card_key,
    coalesce(passes.card_iteration, 0) as card_iteration,
    passes.person_key,
    lower(passes.pass_type) as pass_type,
    lower(passes.issuing_authority) as issuing_authority,
    passes.cpicc,
    coalesce(passes.companion_allowed, false) or passes.pass_type = 'ENCTS_DISABLED_COMPANION'
        as companion_allowed,
    passes.issued_on,
    passes.valid_from,
    coalesce(passes.expiry_date, date '9999-12-30') as expiry_date,
    passes.expiry_date is not null as has_expiry,
    lower(passes.status) as status,
    passes.status_date,
    -- The last day the pass could be used for what its status says; the day itself is given the benefit.
    coalesce(
        least(
            endings.ended_on,
            case
                when
                    passes.status in (
                        'SURRENDERED', 'REPLACED', 'LOST', 'STOLEN', 'WITHDRAWN', 'MOVED_OUT',
                        'DECEASED'
                    )
                    then passes.status_date
            end
        ),
        date '9999-12-30'
    ) as ended_on,
    coalesce(endings.ended_on, passes.status_date) is not null
    and passes.status = 'MOVED_OUT' as has_moved_out,
    passes.replaced_by_pass_key,
    deaths.died_on,
    coalesce(deaths.dead_from, date '9999-12-31') as dead_from
from raw.travel_passes as passes
left join endings
    on passes.pass_key = endings.pass_key
left join stage.travel_deaths as deaths
    on passes.person_key = deaths.person_key
