-- Grain: one body that runs the programme.
-- Which extract of the programme counts, and what was sent of it beside the participants: nobody had
-- an action, a barrier or a score of whom none was sent.
with extract as (
    select
        participant.body_code,
        max(participant.extract_date) as extract_date
    from raw.skills_participants as participant
    group by participant.body_code
),

sent as (
    select
        action.body_code,
        action.extract_date,
        'actions' as feed
    from raw.skills_actions as action
    union
    select
        barrier.body_code,
        barrier.extract_date,
        'barriers' as feed
    from raw.skills_barriers as barrier
    union
    select
        score.body_code,
        score.extract_date,
        'scores' as feed
    from raw.skills_scores as score
)

select
    extract.body_code,
    extract.extract_date,
    coalesce(bool_or(sent.feed = 'actions'), false) as has_actions,
    coalesce(bool_or(sent.feed = 'barriers'), false) as has_barriers,
    coalesce(bool_or(sent.feed = 'scores'), false) as has_scores
from extract
left join sent
    on extract.body_code = sent.body_code and extract.extract_date = sent.extract_date
group by extract.body_code, extract.extract_date
