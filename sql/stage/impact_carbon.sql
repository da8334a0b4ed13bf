-- Grain: one project or service in one financial year, in one submission.
select
    carbon.submission,
    carbon.subject_kind,
    carbon.subject_id,
    carbon.financial_year,
    cast(carbon.construction_tco2e as double) as construction_tco2e,
    cast(carbon.operational_tco2e as double) as operational_tco2e,
    carbon.net_zero_status
from raw.impact_carbon as carbon
