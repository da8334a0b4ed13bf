-- Grain: one register of agreements, kind of agreement and financial year that monitoring came of.
-- Grants, investments and contracts have people of their own who report: what came of one kind says
-- nothing of another. Actions are kept in one list, which came or did not.
with acted as (
    select actions.submission
    from stage.impact_recovery_actions as actions
    group by actions.submission
)

select
    monitoring.submission,
    agreements.agreement_kind,
    split_part(monitoring.monitoring_period, ' ', 1) as financial_year,
    bool_or(acted.submission is not null) as has_actions
from stage.impact_monitoring as monitoring
inner join stage.impact_agreements as agreements
    on
        monitoring.submission = agreements.submission
        and monitoring.agreement_ref = agreements.agreement_ref
left join acted on monitoring.submission = acted.submission
group by
    monitoring.submission, agreements.agreement_kind, split_part(monitoring.monitoring_period, ' ', 1)
