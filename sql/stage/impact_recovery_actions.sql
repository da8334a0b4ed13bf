-- Grain: one action in one submission.
select
    actions.submission,
    actions.action_ref,
    actions.agreement_ref,
    actions.deliverable_ref,
    actions.action_text,
    actions.action_owner,
    actions.due_date,
    actions.action_status,
    actions.outcome_text
from raw.impact_recovery_actions as actions
