-- Grain: one indicator of one financial year, of the bodies together (all) or of one body.
select
    'CO09' as indicator_id,
    counted.financial_year,
    if(counted.body_code = 'group', 'all', 'body') as breakdown,
    if(counted.body_code = 'group', 'all', counted.body_code) as breakdown_value,
    if(counted.body_code = 'group', 'All bodies', coalesce(body.body_name, counted.body_code))
        as breakdown_label,
    cast(null as varchar) as iod_edition,
    cast(null as varchar) as figure_basis,
    counted.monitored_share as measured_value,
    cast(counted.monitored_contracts as double) as numerator,
    cast(counted.contracts as double) as denominator,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    cast(null as double) as bound_low,
    cast(null as double) as bound_high,
    cast(null as double) as completeness_share,
    cast(null as varchar) as null_reason
from spend.contract_monitoring as counted
left join site.bodies as body on counted.body_code = body.body_code
