-- Grain: one claim in one submission.
-- Claims of registers, and what suppliers put on their own sheets: each thing they did is a claim.
select
    claims.submission,
    claims.claim_id,
    claims.reporter,
    claims.contract_ref,
    claims.project_id,
    claims.claim_period,
    claims.system,
    claims.system_version,
    claims.code,
    claims.what,
    cast(claims.quantity as double) as quantity,
    claims.unit,
    claims.value_as_claimed_gbp,
    claims.evidence_level,
    cast(null as varchar) as evidence,
    claims.target_or_actual,
    claims.story_ref,
    cast(null as varchar) as story,
    cast(null as boolean) as story_may_be_published
from raw.impact_claims as claims
union all
select
    returned.submission,
    'RETURN-' || returned.return_number as claim_id,
    returned.reporter,
    returned.contract_ref,
    cast(null as varchar) as project_id,
    returned.claim_period,
    returned.system,
    cast(null as varchar) as system_version,
    returned.code,
    returned.what,
    cast(returned.quantity as double) as quantity,
    returned.unit,
    returned.value_as_claimed_gbp,
    returned.evidence_level,
    returned.evidence,
    'actual' as target_or_actual,
    cast(null as varchar) as story_ref,
    returned.story,
    returned.story_may_be_published
from stage.impact_supplier_returns as returned
