-- Grain: one way of naming a supplier that a person is to look at, and one legal entity it may be.
-- The review queue. A person fills in decision, reviewed_by and reviewed_on and sends the file back
-- as supplier_decisions; svw decides nothing of it.
with spent as (
    select
        mention_key,
        count(*) as payment_lines,
        sum(amount_gbp) as spend_gbp
    from stage.spend_payments
    where mention_key is not null
    group by mention_key
),
settled as (
    select distinct -- a decision on one candidate; the newest counts elsewhere, any settles the question
        mention_key,
        upper(trim(candidate_org_id)) as candidate_org_id
    from stage.supplier_decisions
)

select
    candidate.mention_key,
    mention.supplier_name,
    mention.pcds as supplier_postcode,
    mention.stated_scheme || '-' || mention.stated_identifier as stated_number,
    candidate.candidate_org_id,
    candidate.candidate_name,
    candidate.candidate_pcds as candidate_postcode,
    candidate.match_score,
    candidate.review_reason,
    coalesce(spent.payment_lines, 0) as payment_lines,
    coalesce(spent.spend_gbp, 0) as spend_gbp
from stage.supplier_candidates as candidate
inner join stage.supplier_exact_matches as mention on candidate.mention_key = mention.mention_key
inner join stage.supplier_matches as match on candidate.mention_key = match.mention_key
left join settled
    on candidate.mention_key = settled.mention_key
    and candidate.candidate_org_id = settled.candidate_org_id
left join spent on candidate.mention_key = spent.mention_key
where match.needs_review and settled.mention_key is null
