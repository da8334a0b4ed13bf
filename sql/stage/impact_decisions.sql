-- Grain: one decision in one submission.
select
    decisions.submission,
    decisions.decision_id,
    decisions.project_id,
    decisions.decision_kind,
    decisions.title,
    decisions.approved_date,
    decisions.publication_status
from raw.impact_decisions as decisions
