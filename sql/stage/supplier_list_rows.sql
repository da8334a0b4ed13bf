-- Grain: one row of one of the lists that say something of suppliers.
-- The lists that name suppliers (master, sites, groups, consortia, Community Suppliers List, Real
-- Living Wage accreditations, declarations), the naming part of each row in one shape. What else the
-- rows say is read from the lists by their line_key.
-- A postcode of a site or of a member of a consortium is not the supplier's.
with listed as (
    select
        *,
        'supplier_master' as feed
    from raw.spend_supplier_master
    union all by name
    select
        *,
        'supplier_sites' as feed
    from raw.spend_supplier_sites
    union all by name
    select
        *,
        'supplier_groups' as feed
    from raw.spend_supplier_groups
    union all by name
    select
        *,
        'community_suppliers' as feed
    from raw.spend_community_suppliers
    union all by name
    select
        *,
        'living_wage_accreditations' as feed
    from raw.spend_living_wage_accreditations
    union all by name
    select
        *,
        'supplier_declarations' as feed
    from raw.spend_supplier_declarations
    union all by name
    select
        *,
        'supplier_consortia' as feed
    from raw.spend_supplier_consortia
),
named as (
    select
        feed,
        line_key,
        tidy_text(supplier_name) as supplier_name,
        company_number_key(company_number) as company_number,
        charity_number_key(charity_number) as charity_number,
        other_id_scheme,
        other_id,
        vat_number_key(vat_number) as vat_number,
        postcode_pcds(postcode) as pcds,
        body_code,
        tidy_text(supplier_ref) as supplier_ref,
        concat(source, ' ', _source_file, ' row ', _source_row) as source_ref
    from listed
)

select
    feed,
    line_key,
    supplier_mention_key(
        supplier_name_key(supplier_name), company_number, charity_number, vat_number, pcds,
        body_code, supplier_ref
    ) as mention_key,
    supplier_name,
    supplier_name_key(supplier_name) as supplier_name_key,
    company_number,
    charity_number,
    case when other_id is not null then coalesce(other_id_scheme, 'GB-PPON') end as other_id_scheme,
    case
        when coalesce(other_id_scheme, 'GB-PPON') = 'GB-PPON' then ppon_key(other_id)
        else tidy_text(other_id)
    end as other_id,
    vat_number,
    pcds,
    case when supplier_ref is not null then body_code end as body_code,
    supplier_ref,
    source_ref
from named
