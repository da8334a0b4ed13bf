-- Grain: one participant, once for each group counted in.
-- Who has no verified start is followed to the end of the window or to the extract, whichever is
-- first.
with followed as (
    select
        participant.body_code,
        participant.participant_key,
        participant.financial_year,
        participant.imd_quintile,
        participant.place_status,
        participant.joined_on,
        participant.extract_date,
        least(
            coalesce(participant.verified_start_on, participant.window_ends),
            participant.window_ends,
            participant.extract_date
        ) as observed_to,
        coalesce(
            participant.verified_start_on <=
                least(participant.window_ends, participant.extract_date),
            false
        ) as has_started
    from stage.hiw_participants as participant
    where participant.joined_on <= participant.extract_date
),

in_groups as (
    select
        followed.*,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {
                    'breakdown': 'imd_quintile',
                    'value': coalesce(cast(followed.imd_quintile as varchar), followed.place_status)
                }
            ]
        ) as cell
    from followed
)

select
    in_groups.body_code,
    'job_entry' as measure,
    unnest([in_groups.financial_year, 'all']) as cohort,
    in_groups.cell.breakdown as breakdown,
    in_groups.cell.value as breakdown_value,
    in_groups.participant_key as person_key,
    cast(in_groups.observed_to - in_groups.joined_on as bigint) as time_days,
    cast(calendar_months(in_groups.joined_on, in_groups.observed_to) as double) as time_months,
    cast(in_groups.extract_date - in_groups.joined_on as bigint) as followed_days,
    case when in_groups.has_started then 'event' else 'censored' end as outcome
from in_groups
