-- What was committed in each contract, and what was paid under its reference? Two facts, never added.
-- tier: spend
select
    contract.body_code,
    contract.contract_ref,
    contract.title,
    contract.contract_status,
    contract.value_gbp as committed_gbp,
    sum(payment.amount_gbp) as paid_gbp,
    min(payment.posting_date) as first_paid,
    max(payment.posting_date) as last_paid
from spend.contracts as contract
inner join spend.payments as payment
    on contract.body_code = payment.body_code and contract.contract_ref = payment.contract_ref
group by all
order by paid_gbp desc, contract.body_code, contract.contract_ref
