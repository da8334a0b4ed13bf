-- Which invoices may have been paid twice, the largest first?
-- tier: spend
select
    candidate.body_code,
    candidate.supplier_name,
    candidate.amount_gbp,
    candidate.document_ref,
    candidate.posting_date,
    candidate.earlier_document_ref,
    candidate.earlier_posting_date,
    candidate.days_apart,
    candidate.resemblance
from spend.duplicate_candidates as candidate
order by abs(candidate.amount_gbp) desc, candidate.body_code, candidate.candidate_key
