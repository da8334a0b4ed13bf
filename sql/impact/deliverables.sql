-- Grain: one deliverable of one agreement in one period.
with actions as (
    select
        recovery.submission,
        recovery.agreement_ref,
        recovery.deliverable_ref,
        count(*) as recovery_actions,
        string_agg(
            recovery.action_text || ' (' || recovery.action_owner || ', ' || recovery.action_status || ')',
            '; ' order by recovery.action_ref
        ) as recovery_action
    from stage.recovery_actions as recovery
    group by recovery.submission, recovery.agreement_ref, recovery.deliverable_ref
),

-- What nobody reported on stands with the period none.
reported as (
    select
        deliverables.*,
        coalesce(monitoring.monitoring_period, 'none') as monitoring_period,
        monitoring.reported_date,
        monitoring.delivered,
        monitoring.evidenced,
        monitoring.is_met,
        monitoring.monitoring_period is not null as monitored
    from stage.deliverables as deliverables
    left join stage.deliverable_reports as monitoring
        on
            deliverables.submission = monitoring.submission
            and deliverables.agreement_ref = monitoring.agreement_ref
            and deliverables.deliverable_ref = monitoring.deliverable_ref
),

judged as (
    select
        reported.*,
        case
            when coalesce(reported.is_met, reported.delivered >= reported.committed) then 'delivered'
            when today.as_of <= reported.due_date then 'not_due'
            when not reported.monitored then 'not_monitored'
            else 'not_delivered'
        end as status
    from reported
    cross join site.as_of as today
)

select
    judged.agreement_ref,
    agreements.agreement_kind,
    agreements.agreement_title,
    agreements.project_id,
    judged.deliverable_ref,
    judged.monitoring_period,
    judged.deliverable,
    judged.deliverable_owner,
    judged.unit,
    judged.is_kpi,
    judged.adjustment_id,
    judged.value_system,
    judged.price_year,
    judged.due_date,
    judged.committed,
    judged.delivered,
    judged.evidenced,
    judged.reported_date,
    judged.status,
    judged.monitored,
    actions.recovery_action,
    coalesce(actions.recovery_actions, 0) as recovery_actions,
    case
        when judged.status in ('not_delivered', 'not_monitored')
            then coalesce(actions.recovery_actions, 0) > 0
    end as non_delivery_is_acted_on,
    coalesce(agreements.publication_status = 'announced', false) as is_announced
from judged
left join stage.agreements as agreements
    on
        judged.submission = agreements.submission
        and judged.agreement_ref = agreements.agreement_ref
left join actions
    on
        judged.submission = actions.submission
        and judged.agreement_ref = actions.agreement_ref
        and judged.deliverable_ref = actions.deliverable_ref
