-- Grain: one participant with a first score, once for each year counted in.
with counted as (
    select score.*
    from raw.skills_scores as score
    inner join stage.hiw_supplies as supply
        on score.body_code = supply.body_code and score.extract_date = supply.extract_date
),

travelled as (
    select
        counted.body_code,
        counted.participant_key,
        arg_min(counted.score, (counted.score_date, counted.line_key)) as first_score,
        case
            when max(counted.score_date) > min(counted.score_date)
                then arg_max(counted.score, (counted.score_date, counted.line_key))
        end as last_score
    from counted
    group by counted.body_code, counted.participant_key
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
