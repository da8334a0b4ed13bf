-- Grain: one mention of a supplier.
-- The legal entity behind each mention: what a person has decided, else what the documented order
-- finds. What is not matched keeps a key of its own, the number in its ledger, else name and
-- postcode, else the name; it is the same supplier in two ledgers where each of them has that exact
-- name once.
with accepted as (
    -- Two candidates of one mention may have been called the same: neither is then.
    select
        decided.mention_key,
        min(coalesce(resolved.entity_scheme, org_scheme(decided.candidate_org_id)))
            as matched_scheme,
        min(coalesce(resolved.entity_identifier, org_identifier(decided.candidate_org_id)))
            as matched_identifier,
        min(decided.reviewed_by) as reviewed_by
    from stage.supplier_decisions as decided
    left join stage.supplier_identifiers as resolved
        on org_scheme(decided.candidate_org_id) = resolved.org_id_scheme
        and org_identifier(decided.candidate_org_id) = resolved.identifier
    where decided.decision = 'same' and org_identifier(decided.candidate_org_id) is not null
    group by decided.mention_key
    having count(*) = 1
),
open_candidates as (
    select distinct candidate.mention_key -- one row for each mention with a question left
    from stage.supplier_candidates as candidate
    left join stage.supplier_decisions as decided
        on candidate.mention_key = decided.mention_key
        and candidate.candidate_org_id = decided.candidate_org_id
    left join accepted on candidate.mention_key = accepted.mention_key
    where decided.mention_key is null and accepted.mention_key is null
),
settled as (
    select
        mention.mention_key,
        mention.name_key,
        mention.pcds,
        mention.body_code,
        mention.supplier_ref,
        open_candidates.mention_key is not null as needs_review,
        coalesce(accepted.reviewed_by, refused.reviewed_by) as reviewed_by,
        case
            when accepted.mention_key is not null then 'reviewed'
            when refused.mention_key is not null then 'none'
            else mention.match_method
        end as match_method,
        case
            when accepted.mention_key is not null then accepted.matched_scheme
            when refused.mention_key is null then mention.matched_scheme
        end as matched_scheme,
        case
            when accepted.mention_key is not null then accepted.matched_identifier
            when refused.mention_key is null then mention.matched_identifier
        end as matched_identifier
    from stage.supplier_exact_matches as mention
    left join accepted on mention.mention_key = accepted.mention_key
    left join stage.supplier_decisions as refused
        on mention.mention_key = refused.mention_key
        and mention.matched_scheme || '-' || mention.matched_identifier = refused.candidate_org_id
        and refused.decision = 'other'
    left join open_candidates on mention.mention_key = open_candidates.mention_key
),
-- Names of what no identifier is known for, by the ledgers that bear them.
ledger_suppliers as (
    select
        body_code,
        supplier_ref,
        count(distinct name_key) as names,
        min(name_key) as name_key
    from settled
    where matched_identifier is null and supplier_ref is not null
    group by body_code, supplier_ref
),
ledger_names as (
    select
        mention.name_key,
        count(distinct mention.body_code || '|' || mention.supplier_ref) as ledger_suppliers,
        count(distinct mention.body_code) as bodies,
        max(supplier.names) as names,
        min(mention.body_code || '|' || mention.supplier_ref) as ledger_supplier
    from settled as mention
    inner join ledger_suppliers as supplier
        on mention.body_code = supplier.body_code
        and mention.supplier_ref = supplier.supplier_ref
    where mention.matched_identifier is null and mention.name_key is not null
    group by mention.name_key
),
-- Without a ledger number: the postcodes that stand with a name.
bare_names as (
    select
        name_key,
        count(distinct pcds) as postcodes,
        min(pcds) as pcds
    from settled
    where matched_identifier is null and supplier_ref is null and name_key is not null
    group by name_key
),
own_keys as (
    select
        settled.mention_key,
        case
            when
                coalesce(ledger_names.ledger_suppliers, 0) > 1
                and ledger_names.ledger_suppliers = ledger_names.bodies
                and ledger_names.names = 1
                then 'name|' || settled.name_key
            when settled.supplier_ref is not null
                then 'ref|' || settled.body_code || '|' || settled.supplier_ref
            when ledger_names.ledger_suppliers = 1 then 'ref|' || ledger_names.ledger_supplier
            when coalesce(settled.pcds, bare_names.pcds) is not null
                and (settled.pcds is not null or bare_names.postcodes = 1)
                then 'name|' || settled.name_key || '|' || coalesce(settled.pcds, bare_names.pcds)
            else 'name|' || settled.name_key
        end as own_key
    from settled
    left join ledger_names on settled.name_key = ledger_names.name_key
    left join bare_names on settled.name_key = bare_names.name_key
    where settled.matched_identifier is null
)

select
    settled.mention_key,
    case
        when settled.matched_identifier is not null
            then organisation_key(settled.matched_scheme, settled.matched_identifier)
        else cast(
            md5(coalesce(own_keys.own_key, 'mention|' || cast(settled.mention_key as varchar)))
            as uuid
        )
    end as supplier_key,
    settled.matched_scheme || '-' || settled.matched_identifier as org_id,
    settled.matched_scheme as org_id_scheme,
    settled.match_method,
    case when settled.matched_identifier is not null then 1.0 end as match_score,
    settled.reviewed_by,
    settled.needs_review
from settled
left join own_keys on settled.mention_key = own_keys.mention_key
