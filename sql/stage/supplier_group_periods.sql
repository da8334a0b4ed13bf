-- Grain: one supplier and period of its group.
-- Which group a supplier belongs to, when, and how large the group is.
select
    match.supplier_key,
    supplier_group.valid_from,
    supplier_group.valid_to,
    tidy_text(supplier_group.parent_name) as parent_name,
    coalesce(
        organisation_key(
            coalesce(
                resolved.entity_scheme,
                case
                    when company_number_key(supplier_group.parent_company_number) is not null
                        then 'GB-COH'
                    else charity_scheme(charity_number_key(supplier_group.parent_charity_number))
                end
            ),
            coalesce(
                resolved.entity_identifier,
                company_number_key(supplier_group.parent_company_number),
                charity_number_key(supplier_group.parent_charity_number)
            )
        ),
        cast(md5('name|' || supplier_name_key(supplier_group.parent_name)) as uuid)
    ) as group_key,
    charity_number_key(supplier_group.parent_charity_number) is not null as parent_is_charity,
    supplier_group.group_staff,
    supplier_group.group_turnover_gbp,
    supplier_group.group_balance_sheet_gbp,
    entry.mention_key,
    entry.source_ref
from raw.spend_supplier_groups as supplier_group
inner join stage.supplier_list_rows as entry
    on entry.feed = 'supplier_groups'
    and supplier_group.line_key = entry.line_key
inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
left join stage.supplier_identifiers as resolved
    on company_number_key(supplier_group.parent_company_number) is null
    and resolved.org_id_scheme
    = charity_scheme(charity_number_key(supplier_group.parent_charity_number))
    and resolved.identifier = charity_number_key(supplier_group.parent_charity_number)
-- Of two rows for one beginning the one that stands last in the files counts.
qualify row_number() over (
    partition by match.supplier_key, supplier_group.valid_from
    order by supplier_group._source_file desc, supplier_group._source_row desc
) = 1
