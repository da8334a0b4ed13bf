-- Grain: one ledger line.
-- The line with everything decided about it: flow class, supplier with what is known of it on the
-- posting date, places, duplicate. Withheld payees have lost their attributes.
select
    line.line_key,
    line.source_name,
    line.body_code,
    line.load_id,
    line.source_file,
    line.source_row,
    line.coverage,
    line.financial_year,
    line.posting_date,
    line.payment_date,
    line.invoice_date,
    line.effective_date,
    line.posting_date_basis,
    line.document_ref,
    line.document_line,
    line.invoice_ref,
    cast(md5(
        line.body_code || '|' || line.coverage || '|' || line.financial_year || '|' || coalesce(
            'document|' || line.document_ref || '|' || coalesce(match_text(line.payee_name), ''),
            'line|' || cast(line.line_key as varchar)
        )
    ) as uuid) as document_key,
    line.body_name_published,
    line.directorate,
    line.service,
    line.cost_centre,
    line.cost_centre_code,
    line.account,
    line.account_code,
    line.category,
    case
        when line.category_scheme = 'proclass' then trim(split_part(line.category, ':', 1))
        else line.category
    end as category_level_1,
    line.category_code,
    line.category_scheme,
    line.merchant_category,
    case
        when supplier.redaction in ('personal', 'individual') then null
        else line.purpose
    end as purpose,
    coalesce(match.supplier_key, supplier.supplier_key) as supplier_key,
    case
        when match.match_method in ('id', 'vat', 'name_postcode', 'name', 'reviewed')
            then 'legal_entity'
        else supplier.supplier_key_basis
    end as supplier_key_basis,
    supplier.mention_key,
    supplier.is_identified,
    case when supplier.redaction is null then line.payee_name end as supplier_name,
    case when supplier.is_identified then line.payee_ref end as supplier_ref,
    supplier.company_number,
    case when supplier.is_identified then line.payee_charity_number end as charity_number,
    match.org_id,
    coalesce(match.needs_review, false) as supplier_needs_review,
    case when supplier.is_identified then line.payee_vat_number end as vat_number,
    supplier.redaction,
    supplier.aggregate_row,
    supplier.supplier_sector,
    supplier.public_body_kind,
    supplier.payee_body_code,
    supplier.payee_may_be_person,
    line.published_amount_gbp,
    line.irrecoverable_vat_gbp,
    line.gross_amount_gbp,
    line.amount_gbp,
    line.amount_basis,
    line.comparison_basis,
    line.capital_or_revenue,
    line.goods_services_works,
    line.contract_ref,
    line.purchase_card,
    flow.flow_class,
    flow.flow_rule,
    flow.flow_needs_review,
    place.supplier_postcode,
    place.site_postcode,
    place.reg_address_basis,
    place.reg_place_status,
    place.reg_place_method,
    place.reg_lad_code,
    place.reg_ward_code,
    place.reg_lsoa11_code,
    place.reg_lsoa21_code,
    place.reg_postcode_terminated,
    place.reg_postcode_non_physical,
    place.site_lad_code,
    place.delivery_evidence,
    place.site_evidence_type,
    place.delivery_place_status,
    place.delivery_lad_code,
    place.delivery_ward_code,
    place.delivery_lsoa11_code,
    place.delivery_lsoa21_code,
    place.local_reg,
    place.local_delivery,
    period.csl,
    period.vcse,
    period.sme,
    period.rlw,
    period.sv_principles,
    coalesce(period.group_key, match.supplier_key, supplier.supplier_key) as group_key,
    case
        when not supplier.is_identified then 'not_known'
        when period.vcse then 'vcse'
        when policy.own_line is not null then policy.own_line
        when supplier.public_body_kind is not null or entity.legal_form = 'public_body'
            then 'public'
        when period.sme then 'sme'
        when not period.sme then 'large'
        else 'not_known'
    end as supplier_type,
    case
        when not supplier.is_identified then 'not_stated'
        when form.ownership is not null and entity.legal_form_basis <> 'name_ending'
            then form.ownership
        when supplier.public_body_kind is not null then 'public'
        when entity.ending_ownership is not null then entity.ending_ownership
        when line.payee_is_overseas then 'overseas'
        else 'not_stated'
    end as ownership,
    duplicate.duplicate_of
from stage.spend_lines as line
inner join stage.spend_flows as flow on line.line_key = flow.line_key
inner join stage.spend_line_suppliers as supplier on line.line_key = supplier.line_key
inner join stage.spend_line_places as place on line.line_key = place.line_key
left join stage.supplier_matches as match on supplier.mention_key = match.mention_key
left join stage.supplier_entities as entity on match.supplier_key = entity.supplier_key
left join ref.supplier_policies as policy on entity.organisation_kind = policy.organisation_kind
left join ref.supplier_legal_forms as form on entity.legal_form = form.legal_form
left join stage.supplier_periods as period
    on match.supplier_key = period.supplier_key
    -- A line without a date takes what has always held.
    and coalesce(period.valid_from, date '0001-01-01')
    <= coalesce(line.posting_date, date '0001-01-01')
    and coalesce(line.posting_date, date '9999-12-31')
    <= coalesce(period.valid_to, date '9999-12-31')
left join stage.spend_duplicates as duplicate on line.line_key = duplicate.line_key
