-- Only procurement enters the share (spend.payments and the checks of spend.local_spend rely on it),
-- and its total is the row of all procurement.
select
    class.flow_class,
    cast(null as varchar) as body_code,
    cast(null as varchar) as financial_year
from ref.spend_flow_classes as class
where class.in_share <> (class.flow_class = 'procurement')
union all
select
    procurement.breakdown_value as flow_class,
    procurement.body_code,
    procurement.financial_year
from spend.local_spend as procurement
left join spend.local_spend as whole
    on procurement.body_code = whole.body_code
    and procurement.coverage = whole.coverage
    and procurement.amount_basis = whole.amount_basis
    and procurement.financial_year = whole.financial_year
    and procurement.local_definition = whole.local_definition
    and whole.breakdown = 'all'
where
    procurement.breakdown = 'flow_class'
    and procurement.breakdown_value = 'procurement'
    and procurement.spend_gbp is distinct from whole.spend_gbp
