-- Grain: one project of which the applicant says who leads it.
-- Kept apart from impact.projects, which is open: who leads an organisation is told openly as counts
-- of ten and more alone, and by consent (spend.ownership_counts).
select
    projects.project_id,
    projects.led_by_group
from stage.impact_projects as projects
where
    projects.is_in_one_submission
    and projects.led_by_group is not null
