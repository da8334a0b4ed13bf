-- Grain: one ledger line.
-- The two places by which local is judged, as they were on the posting date. reg: the address in the
-- register, where an extract of that time is loaded, else the one on the line, else the one in the
-- supplier master. delivery: the site on the line, else a site that evidence shows, else the address
-- on the line, in the master or in the register, unless that is no evidence of work being done there
-- (large user or PO box, mass address). Lines without an identified payee have no place; nor has what
-- was paid to a consortium whose parts are not known that day: it delivers from where its members do.
with consortia as (
    select distinct match.supplier_key -- a row each member
    from stage.supplier_list_rows as entry
    inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
    where entry.feed = 'supplier_consortia'
),
dated as (
    select
        line.line_key,
        line.posting_date,
        line.payee_is_overseas,
        line.payee_postcode_text,
        line.site_postcode_text,
        supplier.is_identified,
        match.supplier_key,
        supplier.is_identified
        and (
            consortia.supplier_key is null
            or exists (
                select 1
                from stage.supplier_shares as share
                where
                    share.supplier_key = match.supplier_key
                    and coalesce(share.valid_from, date '0001-01-01')
                    <= coalesce(line.posting_date, date '0001-01-01')
                    and coalesce(line.posting_date, date '9999-12-31')
                    <= coalesce(share.valid_to, date '9999-12-31')
            )
        ) as can_be_placed,
        period.register_postcode,
        period.master_postcode
    from stage.spend_lines as line
    inner join stage.spend_line_suppliers as supplier on line.line_key = supplier.line_key
    left join stage.supplier_matches as match on supplier.mention_key = match.mention_key
    left join consortia on match.supplier_key = consortia.supplier_key
    left join stage.supplier_periods as period
        on match.supplier_key = period.supplier_key
        and coalesce(period.valid_from, date '0001-01-01')
        <= coalesce(line.posting_date, date '0001-01-01')
        and coalesce(line.posting_date, date '9999-12-31')
        <= coalesce(period.valid_to, date '9999-12-31')
),
-- Of several sites one in the area decides (based or branched), then the stronger evidence.
evidenced_sites as (
    select
        dated.line_key,
        first(
            site.postcode_text
            order by place.place_status = 'placed' desc, site.evidence_order, site.postcode_text
        ) as postcode_text,
        first(
            site.evidence_type
            order by place.place_status = 'placed' desc, site.evidence_order, site.postcode_text
        ) as evidence_type
    from dated
    inner join stage.supplier_sites as site
        on dated.supplier_key = site.supplier_key
        and (site.valid_from is null or site.valid_from <= dated.posting_date)
        and (
            dated.posting_date <= site.valid_until
            or (dated.posting_date is null and site.valid_until = date '9999-12-31')
        )
    inner join stage.spend_postcodes as place on site.postcode_text = place.postcode_text
    where place.place_status <> 'unplaced' and not place.is_non_physical
    group by dated.line_key
),
chosen as (
    select
        dated.line_key,
        dated.is_identified,
        dated.can_be_placed,
        case
            when of_register.place_status <> 'unplaced' then 'register'
            when dated.payee_is_overseas or of_line.place_status <> 'unplaced' then 'ledger'
            when of_master.place_status <> 'unplaced' then 'supplier_master'
            when of_line.postcode_text is not null then 'ledger'
        end as reg_basis,
        case
            when dated.payee_is_overseas or of_line.place_status <> 'unplaced' then 'ledger'
            when of_master.place_status <> 'unplaced' then 'supplier_master'
            when of_register.place_status <> 'unplaced' then 'register'
            when of_line.postcode_text is not null then 'ledger'
        end as stand_in_basis,
        dated.payee_is_overseas,
        dated.register_postcode,
        dated.payee_postcode_text,
        dated.master_postcode,
        tidy_text(dated.site_postcode_text) is not null as has_line_site,
        evidenced_sites.evidence_type,
        case
            when tidy_text(dated.site_postcode_text) is not null then dated.site_postcode_text
            else evidenced_sites.postcode_text
        end as site_text
    from dated
    left join stage.spend_postcodes as of_register
        on dated.register_postcode = of_register.postcode_text
    left join stage.spend_postcodes as of_line
        on dated.payee_postcode_text = of_line.postcode_text
    left join stage.spend_postcodes as of_master
        on dated.master_postcode = of_master.postcode_text
    left join evidenced_sites on dated.line_key = evidenced_sites.line_key
),
texts as (
    select
        line_key,
        is_identified,
        can_be_placed,
        reg_basis,
        payee_is_overseas and reg_basis is not distinct from 'ledger' as reg_is_overseas,
        payee_is_overseas and stand_in_basis is not distinct from 'ledger' as stand_in_is_overseas,
        has_line_site,
        evidence_type,
        site_text,
        case reg_basis
            when 'register' then register_postcode
            when 'supplier_master' then master_postcode
            else payee_postcode_text
        end as reg_text,
        case stand_in_basis
            when 'register' then register_postcode
            when 'supplier_master' then master_postcode
            else payee_postcode_text
        end as stand_in_text
    from chosen
),
lines as (
    select
        texts.line_key,
        texts.is_identified,
        texts.can_be_placed,
        texts.reg_basis,
        texts.reg_is_overseas,
        texts.stand_in_is_overseas,
        texts.has_line_site,
        case when not texts.has_line_site then texts.evidence_type end as site_evidence_type,
        registered.pcds as reg_pcds,
        registered.place_method as reg_place_method,
        case
            when texts.reg_is_overseas then 'outside_england'
            else coalesce(registered.place_status, 'unplaced')
        end as reg_place_status,
        case when not texts.reg_is_overseas then registered.lad_code end as reg_lad_code,
        case when not texts.reg_is_overseas then registered.ward_code end as reg_ward_code,
        case when not texts.reg_is_overseas then registered.lsoa11_code end as reg_lsoa11_code,
        case when not texts.reg_is_overseas then registered.lsoa21_code end as reg_lsoa21_code,
        coalesce(registered.is_terminated, false) as reg_is_terminated,
        coalesce(registered.is_non_physical, false) as reg_is_non_physical,
        case
            when texts.stand_in_is_overseas then 'outside_england'
            else coalesce(stand_in.place_status, 'unplaced')
        end as stand_in_place_status,
        case when not texts.stand_in_is_overseas then stand_in.lad_code end as stand_in_lad_code,
        case when not texts.stand_in_is_overseas then stand_in.ward_code end as stand_in_ward_code,
        case when not texts.stand_in_is_overseas then stand_in.lsoa11_code end
            as stand_in_lsoa11_code,
        case when not texts.stand_in_is_overseas then stand_in.lsoa21_code end
            as stand_in_lsoa21_code,
        coalesce(stand_in.is_non_physical, false) as stand_in_is_non_physical,
        coalesce(stand_in.is_mass_address, false) as stand_in_is_mass_address,
        site.pcds as site_pcds,
        coalesce(site.place_status, 'unplaced') as site_place_status,
        site.lad_code as site_lad_code,
        site.ward_code as site_ward_code,
        site.lsoa11_code as site_lsoa11_code,
        site.lsoa21_code as site_lsoa21_code,
        coalesce(site.is_non_physical, false) as site_is_non_physical
    from texts
    left join stage.spend_postcodes as registered on texts.reg_text = registered.postcode_text
    left join stage.spend_postcodes as stand_in on texts.stand_in_text = stand_in.postcode_text
    left join stage.spend_postcodes as site on texts.site_text = site.postcode_text
),
evidence as (
    select
        line_key,
        case
            when not can_be_placed then 'none'
            when has_line_site and site_is_non_physical then 'site_non_physical'
            when has_line_site and site_place_status <> 'unplaced' then 'site'
            when has_line_site then 'site_not_found'
            when site_evidence_type is not null then 'site_evidence'
            when stand_in_is_overseas then 'registered'
            when stand_in_is_non_physical then 'registered_non_physical'
            when stand_in_is_mass_address then 'registered_mass_address'
            when stand_in_place_status <> 'unplaced' then 'registered'
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
            when lines.can_be_placed then lines.reg_place_status
            else 'unplaced'
        end as reg_place_status,
        case
            when not lines.can_be_placed then 'none'
            when lines.reg_is_overseas then 'country'
            else coalesce(lines.reg_place_method, 'none')
        end as reg_place_method,
        case when lines.can_be_placed then lines.reg_lad_code end as reg_lad_code,
        case when lines.can_be_placed then lines.reg_ward_code end as reg_ward_code,
        case when lines.can_be_placed then lines.reg_lsoa11_code end as reg_lsoa11_code,
        case when lines.can_be_placed then lines.reg_lsoa21_code end as reg_lsoa21_code,
        lines.is_identified and lines.reg_is_terminated as reg_postcode_terminated,
        lines.is_identified and lines.reg_is_non_physical as reg_postcode_non_physical,
        case when lines.is_identified then lines.site_lad_code end as site_lad_code,
        case when lines.is_identified then lines.reg_basis end as reg_address_basis,
        case
            when evidence.delivery_evidence = 'site_evidence' then lines.site_evidence_type
        end as site_evidence_type,
        evidence.delivery_evidence,
        case evidence.delivery_evidence
            when 'site' then lines.site_place_status
            when 'site_evidence' then lines.site_place_status
            when 'registered' then lines.stand_in_place_status
            else 'unplaced'
        end as delivery_place_status,
        case evidence.delivery_evidence
            when 'site' then lines.site_lad_code
            when 'site_evidence' then lines.site_lad_code
            when 'registered' then lines.stand_in_lad_code
        end as delivery_lad_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_ward_code
            when 'site_evidence' then lines.site_ward_code
            when 'registered' then lines.stand_in_ward_code
        end as delivery_ward_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_lsoa11_code
            when 'site_evidence' then lines.site_lsoa11_code
            when 'registered' then lines.stand_in_lsoa11_code
        end as delivery_lsoa11_code,
        case evidence.delivery_evidence
            when 'site' then lines.site_lsoa21_code
            when 'site_evidence' then lines.site_lsoa21_code
            when 'registered' then lines.stand_in_lsoa21_code
        end as delivery_lsoa21_code
    from lines
    inner join evidence on lines.line_key = evidence.line_key
)

select
    line_key,
    supplier_postcode,
    site_postcode,
    reg_address_basis,
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
    site_evidence_type,
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
