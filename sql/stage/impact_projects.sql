-- Grain: one project in one submission.
-- A project is one of the investment decided on first, whatever is decided about it later.
with decided as (
    select
        decisions.project_id,
        decisions.decision_id,
        row_number() over (
            partition by decisions.project_id
            order by decisions.approved_date nulls last, decisions.decision_id, decisions.submission
        ) as place
    from stage.impact_decisions as decisions
    where decisions.decision_kind in ('investment', 'grant')
)

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
    cast(projects.reference_income_gbp as double) as reference_income_gbp,
    decided.decision_id as investment_id,
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
left join decided
    on
        projects.project_id = decided.project_id
        and decided.place = 1
cross join site.as_of as today
cross join site.settings as settings
