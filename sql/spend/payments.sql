-- Grain: one ledger line.
-- Every line loaded, with its class, its supplier, its places and why it counts or does not.
-- Nothing is left out: lines that are not in scope say so.
with headline_edition as (
    select
        edition.iod_edition,
        cast(edition.lsoa_vintage as integer) as lsoa_vintage
    from ref.iod_edition as edition
    inner join ref.spend_parameters as headline
        on headline.parameter = 'headline_iod_edition'
        and cast(edition.iod_edition as integer) = headline.parameter_value
),
deciles as (
    select
        lsoa.lsoa_code,
        lsoa.imd_decile
    from geo.lsoa as lsoa
    inner join headline_edition
        on cast(lsoa.iod_edition as varchar) = headline_edition.iod_edition
        and cast(lsoa.vintage as integer) = headline_edition.lsoa_vintage
)

select
    line.line_key,
    line.body_code,
    line.source_name,
    line.source_file,
    line.source_row,
    line.load_id,
    line.coverage,
    line.financial_year,
    line.posting_date,
    line.payment_date,
    line.invoice_date,
    line.effective_date,
    line.posting_date_basis,
    line.directorate,
    line.service,
    line.cost_centre,
    line.cost_centre_code,
    line.document_ref,
    line.document_line,
    line.invoice_ref,
    line.document_key,
    line.supplier_key,
    line.supplier_key_basis,
    line.supplier_name,
    line.supplier_ref,
    line.company_number,
    line.charity_number,
    line.org_id,
    line.supplier_needs_review,
    line.vat_number,
    line.supplier_sector,
    line.public_body_kind,
    line.payee_body_code,
    line.payee_may_be_person,
    line.redaction,
    line.aggregate_row,
    line.published_amount_gbp,
    line.irrecoverable_vat_gbp,
    line.gross_amount_gbp,
    line.amount_gbp,
    line.amount_basis,
    line.comparison_basis,
    line.flow_class,
    line.flow_rule,
    line.flow_needs_review,
    class.in_share and line.duplicate_of is null as in_scope,
    line.goods_services_works,
    line.capital_or_revenue,
    line.category,
    line.category_level_1,
    line.category_code,
    line.category_scheme,
    line.account,
    line.account_code,
    line.merchant_category,
    line.purpose,
    line.contract_ref,
    line.purchase_card,
    line.supplier_postcode,
    line.site_postcode,
    line.reg_address_basis,
    line.reg_place_status,
    line.reg_place_method,
    line.reg_lad_code,
    line.reg_ward_code,
    line.reg_lsoa11_code,
    line.reg_lsoa21_code,
    line.reg_postcode_terminated,
    line.reg_postcode_non_physical,
    line.site_lad_code,
    line.delivery_evidence,
    line.site_evidence_type,
    line.delivery_place_status,
    line.delivery_lad_code,
    line.delivery_lsoa11_code,
    line.delivery_lsoa21_code,
    line.delivery_ward_code as supplier_ward_code,
    deciles.imd_decile as supplier_imd_decile,
    headline_edition.iod_edition,
    line.local_reg,
    line.local_delivery,
    line.csl,
    line.vcse,
    line.sme,
    line.rlw,
    line.sv_principles,
    line.group_key,
    line.supplier_type,
    line.ownership,
    line.is_identified,
    line.duplicate_of,
    case when line.duplicate_of is not null then 'duplicate' end as excluded_reason
from stage.spend_payments as line
inner join ref.spend_flow_classes as class on line.flow_class = class.flow_class
left join headline_edition on true
left join deciles
    on case
        when line.delivery_place_status <> 'placed' then null
        when headline_edition.lsoa_vintage = 2011 then line.delivery_lsoa11_code
        when headline_edition.lsoa_vintage = 2021 then line.delivery_lsoa21_code
    end = deciles.lsoa_code
