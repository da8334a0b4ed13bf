-- Which deliverables of announced agreements are due, did not come, and have no action recorded?
-- tier: open
select
    agreement_ref,
    agreement_kind,
    deliverable_ref,
    deliverable,
    due_date,
    committed,
    delivered,
    status
from impact.deliverables
where non_delivery_is_acted_on = false
order by due_date, agreement_ref, deliverable_ref
