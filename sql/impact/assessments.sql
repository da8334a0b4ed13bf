-- Grain: one decision.
select
    decisions.decision_id,
    decisions.project_id,
    decisions.decision_kind,
    decisions.title,
    decisions.approved_date,
    case
        when decisions.approved_date is not null
            then financial_year(
                decisions.approved_date,
                settings.financial_year_start_month,
                settings.financial_year_start_day
            )
    end as approved_financial_year,
    assessments.completed_date,
    assessments.completed_date is not null as is_assessed,
    -- An assessment that came after the decision informed nothing.
    coalesce(assessments.completed_date <= decisions.approved_date, false)
        as is_assessed_before_decision,
    assessments.deliverables_in_agreement,
    decisions.publication_status = 'announced' as is_announced
from stage.impact_decisions as decisions
left join stage.impact_assessments as assessments
    on
        decisions.submission = assessments.submission
        and decisions.decision_id = assessments.decision_id
cross join site.settings as settings
