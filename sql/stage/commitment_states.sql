-- Grain: one commitment in one financial year.
select
    commitments.commitment_id,
    commitments.financial_year,
    commitments.status,
    commitments.due,
    commitments.evidence,
    commitments.commitment_owner
from raw.registers_commitments as commitments
