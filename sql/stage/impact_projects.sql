-- Grain: one project in one submission.
select
    projects.submission,
    projects.project_id,
    projects.title,
    projects.fund,
    projects.lad_code,
    projects.ward_code,
    projects.approved_date,
    case
        when projects.approved_date is not null
            then financial_year(
                projects.approved_date,
                settings.financial_year_start_month,
                settings.financial_year_start_day
            )
    end as approved_financial_year,
    projects.approved_gbp,
    projects.led_by_group,
    projects.publication_status,
    projects.publication_status = 'announced' as is_announced,
    count(*) over (partition by projects.project_id) = 1 as is_in_one_submission,
    projects.decision_year,
    projects.price_year,
    projects.year_basis,
    projects.perspective,
    projects.headline_level,
    projects.headline_system,
    projects.guidance_edition,
    -- A calendar year is over when the next has begun; a financial year, named for the calendar year in which it begins,
    -- when the next one has.
    year(today.as_of) - case
        when projects.year_basis = 'calendar' then 1
        when
            month(today.as_of) > settings.financial_year_start_month
            or (
                month(today.as_of) = settings.financial_year_start_month
                and day(today.as_of) >= settings.financial_year_start_day
            )
            then 1
        else 2
    end as last_year_over,
    date_diff('day', date '1970-01-01', today.as_of) as as_of_day
from raw.impact_projects as projects
cross join site.as_of as today
cross join site.settings as settings
