-- Grain: one indicator of one financial year, of the bodies together (all) or of one body.
select
    'CO09' as indicator_id,
    counted.financial_year,
    if(counted.body_code = 'group', 'all', 'body') as breakdown,
    if(counted.body_code = 'group', 'all', counted.body_code) as breakdown_value,
    if(counted.body_code = 'group', 'All bodies', coalesce(body.body_name, counted.body_code))
        as breakdown_label,
    counted.monitored_share as measured_value,
    cast(counted.monitored_contracts as double) as numerator,
    cast(counted.contracts as double) as denominator
from spend.contract_monitoring as counted
left join site.bodies as body on counted.body_code = body.body_code
