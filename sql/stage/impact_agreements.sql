-- Grain: one agreement in one submission.
select
    agreements.submission,
    agreements.agreement_ref,
    agreements.agreement_kind,
    agreements.agreement_title,
    agreements.project_id,
    agreements.publication_status
from raw.impact_agreements as agreements
