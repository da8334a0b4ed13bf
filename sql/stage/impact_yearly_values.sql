-- Grain: one unit value in one year.
select
    'desnz' as system,
    '2023' as system_version,
    'CARBON-' || upper(carbon.scenario) as proxy_code,
    'environmental' as value_type,
    carbon.impact_year,
    carbon.price_year,
    cast(carbon.value_gbp as double) as value_gbp,
    'DESNZ, November 2023 (ref.impact_carbon_values)' as value_source
from ref.impact_carbon_values as carbon
