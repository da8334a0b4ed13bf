-- Grain: one deliverable of one agreement in one submission.
select
    deliverables.submission,
    deliverables.agreement_ref,
    deliverables.deliverable_ref,
    deliverables.deliverable,
    deliverables.deliverable_owner,
    cast(deliverables.committed as double) as committed,
    deliverables.unit,
    deliverables.due_date,
    deliverables.is_kpi,
    deliverables.adjustment_id,
    deliverables.value_system,
    deliverables.price_year
from raw.impact_deliverables as deliverables
