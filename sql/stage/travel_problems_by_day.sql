-- Grain: one problem of one operator on one day.
-- How many boardings had which problem. The keys of those who made them end here.
with counted as (
    select
        journeys.record_day,
        coalesce(journeys.operator, 'unknown') as operator,
        count(*) as messages,
        count(*) filter (where journeys.is_exact_duplicate) as exact_duplicate,
        count(*) filter (where journeys.is_passback) as passback,
        count(*) filter (where journeys.is_companion_journey) as companion_journey,
        count(*) filter (where journeys.is_clock_error) as clock_error,
        count(*) filter (where journeys.is_hotlisted_use) as hotlisted_use,
        count(*) filter (where journeys.is_use_after_death) as use_after_death,
        count(*) filter (where journeys.is_expired_use) as expired_use,
        count(*) filter (where journeys.is_ended_pass_use) as ended_pass_use,
        count(*) filter (where journeys.is_before_issue) as before_issue,
        count(*) filter (where journeys.is_visitor) as visitor,
        count(*) filter (where journeys.is_unknown_card) as unknown_card,
        count(*) filter (where journeys.is_unlinked_manual) as unlinked_manual,
        count(*) filter (where journeys.is_paper_ticket) as paper_ticket,
        count(*) filter (where journeys.is_unlinked_card) as unlinked_card,
        count(*) filter (where journeys.is_ghost_boarding_suspect) as ghost_boarding_suspect,
        count(*) filter (where journeys.is_keyed_share_high) as keyed_share_high,
        count(*) filter (where journeys.is_ambiguous_local_time) as ambiguous_local_time,
        count(*) filter (where journeys.is_nonexistent_local_time) as nonexistent_local_time
    from stage.travel_journeys as journeys
    group by journeys.record_day, coalesce(journeys.operator, 'unknown')
),

listed as (
    select
        counted.record_day,
        counted.operator,
        counted.messages,
        unnest(
            [
                {'problem': 'exact_duplicate', 'boardings': counted.exact_duplicate},
                {'problem': 'passback', 'boardings': counted.passback},
                {'problem': 'companion_journey', 'boardings': counted.companion_journey},
                {'problem': 'clock_error', 'boardings': counted.clock_error},
                {'problem': 'hotlisted_use', 'boardings': counted.hotlisted_use},
                {'problem': 'use_after_death', 'boardings': counted.use_after_death},
                {'problem': 'expired_use', 'boardings': counted.expired_use},
                {'problem': 'ended_pass_use', 'boardings': counted.ended_pass_use},
                {'problem': 'before_issue', 'boardings': counted.before_issue},
                {'problem': 'visitor', 'boardings': counted.visitor},
                {'problem': 'unknown_card', 'boardings': counted.unknown_card},
                {'problem': 'unlinked_manual', 'boardings': counted.unlinked_manual},
                {'problem': 'paper_ticket', 'boardings': counted.paper_ticket},
                {'problem': 'unlinked_card', 'boardings': counted.unlinked_card},
                {'problem': 'ghost_boarding_suspect', 'boardings': counted.ghost_boarding_suspect},
                {'problem': 'keyed_share_high', 'boardings': counted.keyed_share_high},
                {'problem': 'ambiguous_local_time', 'boardings': counted.ambiguous_local_time},
                {'problem': 'nonexistent_local_time', 'boardings': counted.nonexistent_local_time}
            ]
        ) as item
    from counted
)

select
    listed.record_day,
    listed.operator,
    listed.item.problem as problem,
    listed.messages,
    listed.item.boardings as boardings
from listed
