-- Grain: one assessed decision in one submission.
select
    assessments.submission,
    assessments.decision_id,
    assessments.completed_date,
    assessments.deliverables_in_agreement
from raw.impact_assessments as assessments
