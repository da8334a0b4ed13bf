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
    actions.status = 'open' and actions.due < as_of.as_of as is_overdue,
    actions.outcome
from stage.indicator_actions as actions
cross join site.as_of as as_of
