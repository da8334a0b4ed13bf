-- Grain: one project.
select
    projects.project_id,
    projects.title,
    projects.fund,
    projects.lad_code,
    projects.ward_code,
    projects.approved_date,
    projects.approved_financial_year,
    projects.approved_gbp,
    cast(null as varchar) as led_by_group,
    projects.publication_status,
    projects.decision_year,
    projects.price_year,
    projects.headline_level,
    projects.headline_system,
    projects.guidance_edition,
    projects.is_announced
from stage.impact_projects as projects
where projects.is_in_one_submission
