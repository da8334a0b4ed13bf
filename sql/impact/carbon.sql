-- Grain: one project or service in one financial year.
select
    carbon.subject_kind,
    carbon.subject_id,
    carbon.financial_year,
    carbon.construction_tco2e,
    carbon.operational_tco2e,
    carbon.net_zero_status,
    carbon.subject_kind = 'service' or coalesce(projects.is_announced, false) as is_announced
from stage.impact_carbon as carbon
left join stage.impact_projects as projects
    on
        carbon.subject_kind = 'project'
        and carbon.subject_id = projects.project_id
        and projects.is_in_one_submission
