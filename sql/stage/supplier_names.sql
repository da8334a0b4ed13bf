-- Grain: one comparable name of one legal entity at one postcode.
-- Every name by which a legal entity with an identifier is known: in registers (with earlier names
-- and names of branches), in the supplier master, and where a feed names it with its number.
with named as (
    select
        case
            when mention.company_number is not null then 'GB-COH'
            when mention.charity_number is not null then charity_scheme(mention.charity_number)
            when mention.other_id is not null then mention.other_id_scheme
            else 'VAT'
        end as org_id_scheme,
        coalesce(
            mention.company_number, mention.charity_number, mention.other_id, mention.vat_number
        ) as identifier,
        mention.supplier_name,
        mention.supplier_name_key as name_key,
        mention.pcds,
        false as is_registered
    from stage.supplier_mentions as mention
    where mention.is_identified
    union all
    select
        org_id_scheme,
        identifier,
        registered_name as supplier_name,
        name_key,
        pcds,
        true as is_registered
    from stage.supplier_registers
    union all
    select
        other.org_id_scheme,
        other.identifier,
        other.supplier_name,
        supplier_name_key(other.supplier_name) as name_key,
        other.pcds,
        true as is_registered
    from (
        select
            org_id_scheme,
            identifier,
            unnest(other_names) as supplier_name,
            pcds
        from stage.supplier_registers
        where len(other_names) > 0
    ) as other
    union all
    select
        case
            when entry.company_number is not null then 'GB-COH'
            when entry.charity_number is not null then charity_scheme(entry.charity_number)
            when entry.other_id is not null then entry.other_id_scheme
            else 'VAT'
        end as org_id_scheme,
        coalesce(
            entry.company_number, entry.charity_number, entry.other_id, entry.vat_number
        ) as identifier,
        tidy_text(entry.previous_name) as supplier_name,
        supplier_name_key(entry.previous_name) as name_key,
        entry.pcds,
        false as is_registered
    from (
        select
            list_row.company_number,
            list_row.charity_number,
            list_row.other_id_scheme,
            list_row.other_id,
            list_row.vat_number,
            list_row.pcds,
            unnest(string_split(master.previous_names, ';')) as previous_name
        from stage.supplier_list_rows as list_row
        inner join raw.spend_supplier_master as master
            on list_row.feed = 'supplier_master'
            and list_row.line_key = master.line_key
        where master.previous_names is not null
    ) as entry
)

select
    coalesce(resolved.entity_scheme, named.org_id_scheme) as org_id_scheme,
    coalesce(resolved.entity_identifier, named.identifier) as identifier,
    named.name_key,
    named.pcds,
    min(named.supplier_name) as supplier_name,
    bool_or(named.is_registered) as is_registered
from named
left join stage.supplier_identifiers as resolved
    on named.org_id_scheme = resolved.org_id_scheme
    and named.identifier = resolved.identifier
where named.identifier is not null and named.name_key is not null
group by
    coalesce(resolved.entity_scheme, named.org_id_scheme),
    coalesce(resolved.entity_identifier, named.identifier),
    named.name_key,
    named.pcds
