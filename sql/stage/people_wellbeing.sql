-- Grain: one question of personal well-being of one body in one financial year.
-- Answers to the staff survey on the four questions, one by one: how many, their mean and spread, and
-- how many are in the band of those who are not well. A question that nobody answered was not asked.
with answer as (
    select
        survey.body_code,
        financial_year(
            survey.survey_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        unnest(
            [
                {'question': 'life_satisfaction', 'points': survey.life_satisfaction},
                {'question': 'worthwhile', 'points': survey.worthwhile},
                {'question': 'happy_yesterday', 'points': survey.happy_yesterday},
                {'question': 'anxious_yesterday', 'points': survey.anxious_yesterday}
            ]
        ) as said
    from raw.people_survey as survey
    cross join site.settings as settings
)

select
    answer.body_code,
    answer.financial_year,
    answer.said.question as question,
    count(answer.said.points) as answered,
    count(*) filter (where answer.said.points between bands.lowest and bands.highest) as unwell,
    cast(sum(answer.said.points) as bigint) as points,
    cast(sum(answer.said.points * answer.said.points) as bigint) as squares
from answer
inner join ref.wellbeing_questions as questions
    on answer.said.question = questions.question
inner join ref.ons4_bands as bands
    on
        questions.question = bands.question
        and questions.unwell_band = bands.band
group by answer.body_code, answer.financial_year, answer.said.question
having count(answer.said.points) > 0
