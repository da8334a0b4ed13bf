-- Grain: one measure of one person at one wave who was due, once for each group counted in.
-- Due is whoever had an assessment of the wave whose day has come. What people say and what
-- agencies record are two groups.
with followed as (
    select
        score.body_code,
        score.measure,
        score.wave,
        financial_year(
            score.due_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        score.person_key,
        base.score as baseline,
        score.score as follow_up
    from stage.hf_scores as score
    cross join site.settings as settings
    inner join stage.hf_cases as cases
        on score.body_code = cases.body_code and score.person_key = cases.person_key
    left join stage.hf_scores as base
        on
            score.body_code = base.body_code
            and score.person_key = base.person_key
            and score.measure = base.measure
            and base.wave = 'baseline'
    where score.wave <> 'baseline' and score.due_date <= cases.extract_date
    union all
    select
        contact.body_code,
        contact.measure,
        '12' as wave,
        contact.financial_year,
        'information_source' as breakdown,
        contact.information_source as breakdown_value,
        contact.person_key,
        contact.rate_before as baseline,
        contact.rate_after as follow_up
    from stage.hf_contacts as contact
)

select
    followed.body_code,
    followed.measure,
    followed.wave,
    unnest([followed.financial_year, 'all']) as financial_year,
    followed.breakdown,
    followed.breakdown_value,
    followed.person_key,
    measures.better,
    followed.baseline,
    followed.follow_up
from followed
inner join ref.hf_outcome_measures as measures
    on followed.measure = measures.measure
