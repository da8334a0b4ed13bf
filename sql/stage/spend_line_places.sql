-- Grain: one ledger line.
-- The two places by which local is judged. reg: the address printed on the line, so the one held on
-- the posting date. delivery: the site where one is given, else the registered address, unless that
-- is no evidence of work being done there (large user or PO box, mass address). Lines without an
-- identified payee have no place.
with lines as (
    select
        line.line_key,
        supplier.is_identified,
        line.payee_is_overseas,
        tidy_text(line.site_postcode_text) is not null as has_site,
        registered.pcds as reg_pcds,
        registered.place_method as reg_place_method,
        case
            when line.payee_is_overseas then 'outside_england'
            else coalesce(registered.place_status, 'unplaced')
        end as reg_place_status,
        case when not line.payee_is_overseas then registered.lad_code end as reg_lad_code,
        case when not line.payee_is_overseas then registered.ward_code end as reg_ward_code,
        case when not line.payee_is_overseas then registered.lsoa11_code end as reg_lsoa11_code,
        case when not line.payee_is_overseas then registered.lsoa21_code end as reg_lsoa21_code,
        coalesce(registered.is_terminated, false) as reg_is_terminated,
        coalesce(registered.is_non_physical, false) as reg_is_non_physical,
        coalesce(registered.is_mass_address, false) as reg_is_mass_address,
        site.pcds as site_pcds,
        coalesce(site.place_status, 'unplaced') as site_place_status,
        site.lad_code as site_lad_code,
        site.ward_code as site_ward_code,
        site.lsoa11_code as site_lsoa11_code,
        site.lsoa21_code as site_lsoa21_code,
        coalesce(site.is_non_physical, false) as site_is_non_physical
    from stage.spend_lines as line
    inner join stage.spend_line_suppliers as supplier on line.line_key = supplier.line_key
    left join stage.spend_postcodes as registered
        on line.payee_postcode_text = registered.postcode_text
    left join stage.spend_postcodes as site on line.site_postcode_text = site.postcode_text
),
evidence as (
    select
        line_key,
        case
            when not is_identified then 'none'
            when has_site and site_is_non_physical then 'site_non_physical'
            when has_site and site_place_status <> 'unplaced' then 'site'
            when has_site then 'site_not_found'
            when payee_is_overseas then 'registered'
            when reg_is_non_physical then 'registered_non_physical'
            when reg_is_mass_address then 'registered_mass_address'
            when reg_place_status <> 'unplaced' then 'registered'
            else 'none'
        end as delivery_evidence
    from lines
),
both_places as (
    select
        lines.line_key,
        lines.is_identified,
        case when lines.is_identified then lines.reg_pcds end as supplier_postcode,
        case when lines.is_identified then lines.site_pcds end as site_postcode,
        case
            when lines.is_identified then lines.reg_place_status
            else 'unplaced'
        end as reg_place_status,
        case
            when not lines.is_identified then 'none'
            when lines.payee_is_overseas then 'country'
            else coalesce(lines.reg_place_method, 'none')
        end as reg_place_method,
        case when lines.is_identified then lines.reg_lad_code end as reg_lad_code,
        case when lines.is_identified then lines.reg_ward_code end as reg_ward_code,
        case when lines.is_identified then lines.reg_lsoa11_code end as reg_lsoa11_code,
        case when lines.is_identified then lines.reg_lsoa21_code end as reg_lsoa21_code,
        lines.is_identified and lines.reg_is_terminated as reg_postcode_terminated,
        lines.is_identified and lines.reg_is_non_physical as reg_postcode_non_physical,
        case when lines.is_identified then lines.site_lad_code end as site_lad_code,
        evidence.delivery_evidence,
        case evidence.delivery_evidence
            when 'site' then lines.site_place_status
            when 'registered' then lines.reg_place_status
            else 'unplaced'
        end as delivery_place_status,
        case evidence.delivery_evidence
            when 'site' then lines.site_lad_code
            when 'registered' then lines.reg_lad_code
        end as delivery_lad_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_ward_code
            when 'registered' then lines.reg_ward_code
        end as delivery_ward_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_lsoa11_code
            when 'registered' then lines.reg_lsoa11_code
        end as delivery_lsoa11_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_lsoa21_code
            when 'registered' then lines.reg_lsoa21_code
        end as delivery_lsoa21_code
    from lines
    inner join evidence on lines.line_key = evidence.line_key
)

select
    line_key,
    supplier_postcode,
    site_postcode,
    reg_place_status,
    reg_place_method,
    reg_lad_code,
    reg_ward_code,
    reg_lsoa11_code,
    reg_lsoa21_code,
    reg_postcode_terminated,
    reg_postcode_non_physical,
    site_lad_code,
    delivery_evidence,
    delivery_place_status,
    delivery_lad_code,
    delivery_ward_code,
    delivery_lsoa11_code,
    delivery_lsoa21_code,
    case
        when reg_place_status = 'placed' then true
        when reg_place_status in ('outside_area', 'outside_england') then false
    end as local_reg,
    case
        when delivery_place_status = 'placed' then true
        when delivery_place_status in ('outside_area', 'outside_england') then false
    end as local_delivery
from both_places
