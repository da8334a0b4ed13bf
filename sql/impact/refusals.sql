-- Grain: one refusal.
select
    refusals.refusal_number,
    refusals.submission,
    refusals.project_id,
    refusals.subject,
    refusals.subject_id,
    refusals.outcome_id,
    refusals.stage,
    refusals.level,
    refusals.system,
    refusals.code,
    reasons.reason_text as reason_text,
    reasons.remedy as remedy
from stage.impact_refusals as refusals
left join ref.impact_reasons as reasons on refusals.code = reasons.code
