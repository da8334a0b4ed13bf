-- Grain: one body in one financial year.
-- Answers to the staff survey: how many were given, how many answered the question on health and
-- wellbeing, and how many said that it is good.
select
    survey.body_code,
    financial_year(
        survey.survey_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    count(*) as answers,
    count(survey.good_health_and_wellbeing) as answered,
    count(*) filter (where survey.good_health_and_wellbeing) as good
from raw.people_survey as survey
cross join site.settings as settings
group by
    survey.body_code,
    financial_year(
        survey.survey_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    )
