-- Grain: one deliverable in one period, in one submission.
select
    monitoring.submission,
    monitoring.agreement_ref,
    monitoring.deliverable_ref,
    monitoring.monitoring_period,
    monitoring.reported_date,
    cast(monitoring.delivered as double) as delivered,
    cast(monitoring.evidenced as double) as evidenced
from raw.impact_monitoring as monitoring
