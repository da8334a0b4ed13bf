-- Grain: one mention of a supplier.
-- What the documented order finds: an identifier stated with the name, or with the same number and
-- name of the same ledger; the VAT number; the comparable name with the postcode; the comparable name where
-- only one legal entity bears it. Nothing that is only alike.
with mentions as (
    -- Two feeds may name a supplier alike.
    select
        mention_key,
        min(supplier_name) as supplier_name,
        min(supplier_name_key) as name_key,
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
stated as (
    select
        mentions.*,
        case
            when company_number is not null then 'GB-COH'
            when charity_number is not null then charity_scheme(charity_number)
            when other_id is not null then other_id_scheme
            when vat_number is not null then 'VAT'
        end as stated_scheme,
        coalesce(company_number, charity_number, other_id, vat_number) as stated_identifier
    from mentions
),
with_entity as (
    select
        stated.*,
        coalesce(resolved.entity_scheme, stated.stated_scheme) as entity_scheme,
        coalesce(resolved.entity_identifier, stated.stated_identifier) as entity_identifier
    from stated
    left join stage.supplier_identifiers as resolved
        on stated.stated_scheme = resolved.org_id_scheme
        and stated.stated_identifier = resolved.identifier
),
-- A ledger, or the supplier master, often knows the number of a supplier on some of its lines only. A
-- ledger number that several names share says of none of them who another is.
ledger_names as (
    select
        body_code,
        supplier_ref,
        name_key,
        min(entity_scheme) as entity_scheme,
        min(entity_identifier) as entity_identifier
    from with_entity
    where supplier_ref is not null and name_key is not null
    group by body_code, supplier_ref, name_key
    having count(distinct entity_identifier) = 1
),
ledger_numbers as (
    select
        body_code,
        supplier_ref,
        min(entity_scheme) as entity_scheme,
        min(entity_identifier) as entity_identifier
    from with_entity
    where supplier_ref is not null
    group by body_code, supplier_ref
    having count(distinct entity_identifier) = 1 and count(distinct name_key) <= 1
),
names_with_postcode as (
    select
        name_key,
        pcds,
        min(org_id_scheme) as entity_scheme,
        min(identifier) as entity_identifier
    from stage.supplier_names
    where pcds is not null
    group by name_key, pcds
    having count(distinct identifier) = 1
),
names_alone as (
    select
        name_key,
        min(org_id_scheme) as entity_scheme,
        min(identifier) as entity_identifier,
        count(distinct identifier) as entities
    from stage.supplier_names
    group by name_key
),
found as (
    select
        with_entity.*,
        coalesce(names_alone.entities, 0) as entities_of_that_name,
        case
            when with_entity.stated_scheme = 'VAT' then 'vat'
            when with_entity.stated_identifier is not null then 'id'
            when ledger_names.entity_identifier is not null then 'id'
            when ledger_numbers.entity_identifier is not null then 'id'
            when names_with_postcode.entity_identifier is not null then 'name_postcode'
            when names_alone.entities = 1 then 'name'
            else 'none'
        end as match_method,
        case
            when with_entity.entity_identifier is not null then with_entity.entity_scheme
            when ledger_names.entity_identifier is not null then ledger_names.entity_scheme
            when ledger_numbers.entity_identifier is not null then ledger_numbers.entity_scheme
            when names_with_postcode.entity_identifier is not null
                then names_with_postcode.entity_scheme
            when names_alone.entities = 1 then names_alone.entity_scheme
        end as matched_scheme,
        coalesce(
            with_entity.entity_identifier,
            ledger_names.entity_identifier,
            ledger_numbers.entity_identifier,
            names_with_postcode.entity_identifier,
            case when names_alone.entities = 1 then names_alone.entity_identifier end
        ) as matched_identifier
    from with_entity
    left join ledger_names
        on with_entity.body_code = ledger_names.body_code
        and with_entity.supplier_ref = ledger_names.supplier_ref
        and with_entity.name_key = ledger_names.name_key
    left join ledger_numbers
        on with_entity.body_code = ledger_numbers.body_code
        and with_entity.supplier_ref = ledger_numbers.supplier_ref
    left join names_with_postcode
        on with_entity.name_key = names_with_postcode.name_key
        and with_entity.pcds = names_with_postcode.pcds
    left join names_alone on with_entity.name_key = names_alone.name_key
)

select
    mention_key,
    supplier_name,
    name_key,
    pcds,
    body_code,
    supplier_ref,
    stated_scheme,
    stated_identifier,
    company_number,
    charity_number,
    matched_scheme,
    matched_identifier,
    match_method,
    entities_of_that_name
from found
