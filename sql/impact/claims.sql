-- Grain: one claim.
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
    claims.quantity,
    claims.unit,
    claims.value_as_claimed_gbp,
    claims.evidence_level,
    claims.evidence,
    claims.target_or_actual,
    claims.story_ref,
    if(claims.story_may_be_published, claims.story, null) as story,
    claims.story_may_be_published
from stage.impact_claims as claims
