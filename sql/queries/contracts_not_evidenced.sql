-- Which contracts above £20,000 have no evidence of social value in the decision, or none, largest first?
-- tier: open
select
    body_code,
    contract_ref,
    title,
    directorate,
    above_20k_financial_year,
    above_20k_by,
    value_gbp,
    sv_in_decision,
    null_reasons
from spend.contracts
where counts_above_20k and sv_in_decision is distinct from true
order by value_gbp desc, body_code, contract_ref
