-- Which suppliers is a person to look at, and who may they be?
-- tier: spend
select
    review.mention_key,
    review.supplier_name,
    review.supplier_postcode,
    review.stated_number,
    review.candidate_org_id,
    review.candidate_name,
    review.candidate_postcode,
    round(review.match_score, 3) as match_score,
    review.review_reason,
    review.payment_lines,
    review.spend_gbp,
    cast(null as varchar) as decision,
    cast(null as varchar) as reviewed_by,
    cast(null as varchar) as reviewed_on
from spend.supplier_review as review
order by
    abs(review.spend_gbp) desc, review.supplier_name, review.mention_key,
    review.match_score desc, review.candidate_org_id
