-- What did social value weigh in each contract above £20,000, on what basis, and is it above the cap?
-- tier: open
select
    body_code,
    contract_ref,
    title,
    above_20k_financial_year,
    value_gbp,
    sv_weight_pct,
    sv_weight_basis,
    sv_weight_is_above_cap,
    sv_evidence,
    sv_kpis
from spend.contracts
where counts_above_20k and sv_in_decision
order by sv_weight_pct desc nulls last, body_code, contract_ref
