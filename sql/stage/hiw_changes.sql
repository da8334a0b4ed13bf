-- Grain: one participant with a first score, once for each year counted in.
with newest as (
    select score.*
    from raw.skills_scores as score
    qualify score.extract_date = max(score.extract_date) over (partition by score.body_code)
),

travelled as (
    select
        newest.body_code,
        newest.participant_key,
        arg_min(newest.score, (newest.score_date, newest.line_key)) as first_score,
        case
            when max(newest.score_date) > min(newest.score_date)
                then arg_max(newest.score, (newest.score_date, newest.line_key))
        end as last_score
    from newest
    group by newest.body_code, newest.participant_key
)

select
    participant.body_code,
    'distance_travelled' as measure,
    'last' as wave,
    unnest([participant.financial_year, 'all']) as financial_year,
    'all' as breakdown,
    'all' as breakdown_value,
    participant.participant_key as person_key,
    'up' as better,
    cast(travelled.first_score as double) as baseline,
    cast(travelled.last_score as double) as follow_up
from stage.hiw_participants as participant
left join travelled
    on
        participant.body_code = travelled.body_code
        and participant.participant_key = travelled.participant_key
