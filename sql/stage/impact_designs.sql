-- Grain: one design.
select
    designs.evidence_design,
    designs.evidence_grade
from ref.impact_evidence_designs as designs
