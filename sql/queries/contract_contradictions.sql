-- Where do the register of contracts and the notices contradict each other?
-- tier: spend
select
    body_code,
    contract_ref,
    fact,
    register_says,
    notice_says,
    taken
from spend.contract_contradictions
order by body_code, contract_ref, fact
