-- Grain: one way of naming a supplier and one legal entity a person decided on.
-- The review queue as people have settled it; the newest decision counts, of one day the one that
-- stands last in the files.
select
    decision.mention_key,
    upper(trim(decision.candidate_org_id)) as candidate_org_id,
    decision.decision,
    decision.reviewed_by,
    decision.reviewed_on
from raw.spend_supplier_decisions as decision
qualify row_number() over (
    partition by decision.mention_key, upper(trim(decision.candidate_org_id))
    order by decision.reviewed_on desc, decision._source_file desc, decision._source_row desc
) = 1
