-- Which award criteria wait for a person to say whether they are about social value?
-- tier: spend
select
    body_code,
    process_ref,
    lot_ref,
    criterion_ref,
    criterion_name,
    weight,
    is_social_value,
    told_by
from spend.contract_criteria
where needs_review
order by body_code, process_ref, lot_ref, criterion_ref
