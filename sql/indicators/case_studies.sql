-- Grain: one case study whose consent has not ended.
select
    studies.case_study_ref,
    studies.title,
    studies.role,
    studies.place,
    studies.indicators,
    studies.body,
    studies.consent_expires
from stage.case_studies as studies
