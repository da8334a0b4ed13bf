-- Grain: one time in which one pass was on the hotlist.
-- From the history and from the register. The card is stopped from the day after it was put on the list,
-- since nobody knows at which hour of that day; it is free again from the day it was taken off.
with changes as (
    select
        events.pass_key,
        events.changed_on,
        events.event = 'HOTLISTED' as is_stopped
    from raw.travel_pass_events as events
    where events.event in ('HOTLISTED', 'HOTLIST_REMOVED')
    union
    select
        passes.pass_key,
        passes.hotlisted_on as changed_on,
        true as is_stopped
    from raw.travel_passes as passes
    where passes.hotlisted_on is not null
    union
    select
        passes.pass_key,
        passes.hotlist_removed_on as changed_on,
        false as is_stopped
    from raw.travel_passes as passes
    where passes.hotlist_removed_on is not null
),

ordered as (
    select
        changes.pass_key,
        changes.changed_on,
        changes.is_stopped,
        lag(changes.is_stopped) over (
            partition by changes.pass_key order by changes.changed_on, changes.is_stopped desc
        ) as was_stopped
    from changes
),

steps as (
    select
        ordered.pass_key,
        ordered.changed_on,
        ordered.is_stopped,
        lead(ordered.changed_on) over (
            partition by ordered.pass_key order by ordered.changed_on, ordered.is_stopped desc
        ) as next_change
    from ordered
    where ordered.is_stopped is distinct from coalesce(ordered.was_stopped, false)
)

select
    steps.pass_key,
    steps.changed_on + 1 as from_day,
    coalesce(steps.next_change, date '9999-12-31') as until_day
from steps
where
    steps.is_stopped
    and coalesce(steps.next_change, date '9999-12-31') > steps.changed_on + 1
