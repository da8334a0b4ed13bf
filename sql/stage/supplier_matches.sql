-- Grain: one mention of a supplier.
-- The legal entity behind each mention, in the documented order: an identifier, the VAT number, the
-- comparable name with the postcode, the comparable name where only one entity bears it. What is
-- not matched keeps a key of its own: the number in its ledger, else name and postcode, else name.
with mentions as (
    -- Two feeds may name a supplier alike.
    select
        mention_key,
        min(supplier_name_key) as supplier_name_key,
        min(company_number) as company_number,
        min(charity_number) as charity_number,
        min(other_id_scheme) as other_id_scheme,
        min(other_id) as other_id,
        min(vat_number) as vat_number,
        min(pcds) as pcds,
        min(body_code) as body_code,
        min(supplier_ref) as supplier_ref
    from stage.supplier_mentions
    where is_identified
    group by mention_key
),
identifiers as (
    select
        mention_key,
        supplier_name_key,
        pcds,
        case
            when company_number is not null then 'GB-COH'
            when starts_with(charity_number, 'SC') then 'GB-SC'
            when starts_with(charity_number, 'NIC') then 'GB-NIC'
            when charity_number is not null then 'GB-CHC'
            when other_id is not null then other_id_scheme
            when vat_number is not null then 'VAT'
        end as org_id_scheme,
        coalesce(company_number, charity_number, other_id, vat_number) as identifier
    from mentions
),
named_with_postcode as (
    select
        supplier_name_key,
        pcds,
        min(org_id_scheme) as org_id_scheme,
        min(identifier) as identifier
    from identifiers
    where identifier is not null and supplier_name_key is not null and pcds is not null
    group by supplier_name_key, pcds
    having count(distinct identifier) = 1
),
named as (
    select
        supplier_name_key,
        min(org_id_scheme) as org_id_scheme,
        min(identifier) as identifier
    from identifiers
    where identifier is not null and supplier_name_key is not null
    group by supplier_name_key
    having count(distinct identifier) = 1
),
found as (
    select
        mentions.mention_key,
        mentions.supplier_name_key,
        mentions.pcds,
        mentions.body_code,
        mentions.supplier_ref,
        case
            when identifiers.org_id_scheme = 'VAT' then 'vat'
            when identifiers.identifier is not null then 'id'
            when named_with_postcode.identifier is not null then 'name_postcode'
            when named.identifier is not null then 'name'
            else 'none'
        end as match_method,
        case
            when identifiers.identifier is not null then identifiers.org_id_scheme
            when named_with_postcode.identifier is not null then named_with_postcode.org_id_scheme
            else named.org_id_scheme
        end as org_id_scheme,
        coalesce(identifiers.identifier, named_with_postcode.identifier, named.identifier)
            as identifier
    from mentions
    inner join identifiers on mentions.mention_key = identifiers.mention_key
    left join named_with_postcode
        on mentions.supplier_name_key = named_with_postcode.supplier_name_key
        and mentions.pcds = named_with_postcode.pcds
    left join named on mentions.supplier_name_key = named.supplier_name_key
)

select
    mention_key,
    case
        when identifier is not null then organisation_key(org_id_scheme, identifier)
        else cast(md5(case
            when supplier_ref is not null then 'ref|' || body_code || '|' || supplier_ref
            when pcds is not null then 'name|' || supplier_name_key || '|' || pcds
            else 'name|' || supplier_name_key
        end) as uuid)
    end as supplier_key,
    org_id_scheme || '-' || identifier as org_id,
    org_id_scheme,
    match_method,
    case when match_method <> 'none' then 1.0 end as match_score,
    cast(null as varchar) as reviewed_by,
    false as needs_review
from found
