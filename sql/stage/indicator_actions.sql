-- Grain: one action.
select
    actions.action_ref,
    actions.indicator_id,
    actions.deliverable,
    actions.action_text,
    actions.kind,
    actions.action_owner,
    actions.due,
    actions.status,
    actions.outcome
from raw.registers_actions as actions
