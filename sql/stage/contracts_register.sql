-- Grain: one contract in one issue of the register.
-- Several rows of one reference are its several suppliers; the value stands in each of them. The
-- value is that of the whole term with options and extensions, without VAT: a yearly one is
-- multiplied by the term, where the register gives it.
with issues as (
    select
        register.*,
        coalesce(register.lot_ref, 'ALL') as lot,
        row_number() over (contract_rows order by register.source, register._source_file, register._source_row)
            as place,
        max(register.value_gbp) over contract_rows as stated_gbp,
        max(register.value_with_extensions_gbp) over contract_rows as extended_gbp,
        calendar_months(
            register.start_date, coalesce(register.extended_end_date, register.end_date) + 1
        ) as term_months
    from raw.contracts_register as register
    window
        contract_rows as (
            partition by
                register.body_code, register.register_date, register.contract_ref,
                coalesce(register.lot_ref, 'ALL')
        )
)

select
    issues.body_code,
    issues.register_date,
    issues.contract_ref,
    issues.lot as lot_ref,
    issues.ocid,
    issues.title,
    issues.description,
    issues.directorate,
    coalesce(issues.contract_kind, 'contract') as contract_kind,
    issues.framework_ref,
    coalesce(issues.contract_status, 'awarded') as contract_status,
    issues.cpv_code,
    issues.goods_services_works,
    issues.procedure,
    issues.award_date,
    issues.start_date,
    issues.end_date,
    issues.extended_end_date,
    issues.modified_date,
    case
        when issues.value_basis = 'annual'
            then cast(
                coalesce(issues.extended_gbp, issues.stated_gbp)
                * case when issues.term_months > 0 then issues.term_months end / 12
                as decimal(18, 2)
            )
        else greatest(issues.stated_gbp, issues.extended_gbp)
    end as value_gbp,
    case
        when coalesce(issues.stated_gbp, issues.extended_gbp) is null then 'not_stated'
        when issues.value_basis = 'annual' and coalesce(issues.term_months <= 0, true)
            then 'annual_without_term'
    end as value_null_reason,
    issues.irrecoverable_vat_gbp,
    issues.sv_in_decision,
    cast(issues.sv_weight_pct as double) as sv_weight_pct,
    issues.rlw_clause,
    issues.sv_clause
from issues
where issues.place = 1
