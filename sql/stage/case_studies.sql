-- Grain: one case study whose consent has not ended.
select
    studies.case_study_ref,
    studies.title,
    studies.role,
    studies.place,
    studies.indicators,
    studies.body,
    studies.consent_expires
from raw.registers_case_studies as studies
cross join site.as_of as as_of
where
    studies.consent_given
    and (studies.consent_expires is null or studies.consent_expires >= as_of.as_of)
