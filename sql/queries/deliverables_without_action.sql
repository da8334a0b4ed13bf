-- Which deliverables are due, did not come, and have no action recorded?
-- tier: impact
select
    agreement_ref,
    agreement_kind,
    deliverable_ref,
    deliverable,
    due_date,
    committed,
    delivered,
    status
from impact.deliverables_internal
where non_delivery_is_acted_on = false
order by due_date, agreement_ref, deliverable_ref
