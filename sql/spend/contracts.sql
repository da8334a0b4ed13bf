-- Grain: one contract, or one running tender.
-- What a body committed to. A commitment is no payment: value_gbp is never added to the ledger's
-- amounts. Whether social value was in the decision is told by the authority's own criteria, else by
-- the register, else by the notice; what none says is not evidenced, and not a no.
with supplied as (
    select
        supplier.body_code,
        supplier.contract_ref,
        count(*) as suppliers,
        string_agg(supplier.supplier_name, '; ' order by supplier.supplier_name)
            filter (where supplier.is_legal_entity) as supplier_name,
        count(*) filter (where not supplier.is_legal_entity) as withheld_suppliers
    from stage.contracts_suppliers as supplier
    group by supplier.body_code, supplier.contract_ref
),

kpis as (
    select
        kpi.body_code,
        kpi.contract_ref,
        count(*) as kpis,
        count(*) filter (where kpi.is_social_value) as sv_kpis
    from stage.contracts_kpis as kpi
    group by kpi.body_code, kpi.contract_ref
),

notices as (
    select
        notice.body_code,
        notice.ocid,
        string_agg(distinct notice.notice_types, ',' order by notice.notice_types) as notice_types
    from stage.contracts_ocds_contracts as notice
    group by notice.body_code, notice.ocid
),

told as (
    select
        known.*,
        worth.first_value_gbp,
        worth.value_gbp,
        worth.is_above,
        worth.above_since,
        worth.above_by,
        supplied.suppliers,
        supplied.supplier_name,
        coalesce(supplied.withheld_suppliers, 0) > 0 as a_supplier_is_withheld,
        kpis.kpis,
        kpis.sv_kpis,
        notices.notice_types,
        known.contract_status in ('awarded', 'ended') as is_awarded,
        known.contract_kind = 'framework' as is_framework,
        case
            when weight.told_by = 'authority' and weight.in_decision is not null then 'criteria'
            when known.register_sv_in_decision is not null then 'register'
            when known.register_sv_weight_pct > 0 then 'register_weight'
            when weight.in_decision is not null then 'notice'
        end as sv_evidence,
        case
            when weight.told_by = 'authority' and weight.in_decision is not null then weight.in_decision
            when known.register_sv_in_decision is not null then known.register_sv_in_decision
            when known.register_sv_weight_pct > 0 then true
            else weight.in_decision
        end as sv_in_decision,
        case
            when weight.told_by = 'authority' then weight.weight * 100
            when known.register_sv_weight_pct is not null then known.register_sv_weight_pct
            else weight.weight * 100
        end as sv_weight_pct,
        case
            when weight.told_by = 'authority' then weight.weight_basis
            when known.register_sv_weight_pct is not null then 'total'
            else weight.weight_basis
        end as sv_weight_basis,
        case
            when weight.told_by = 'authority' then weight.null_reason
            when known.register_sv_weight_pct is null and weight.contract_ref is null then 'not_evidenced'
            when known.register_sv_weight_pct is null then weight.null_reason
        end as sv_weight_null_reason
    from stage.contracts_known as known
    left join stage.contracts_values as worth
        on known.body_code = worth.body_code and known.contract_ref = worth.contract_ref
    left join stage.contracts_weights as weight
        on known.body_code = weight.body_code and known.contract_ref = weight.contract_ref
    left join supplied
        on known.body_code = supplied.body_code and known.contract_ref = supplied.contract_ref
    left join kpis
        on known.body_code = kpis.body_code and known.contract_ref = kpis.contract_ref
    left join notices
        on known.body_code = notices.body_code and known.ocid = notices.ocid
),

sized as (
    select
        told.*,
        coalesce(
            told.gross_value_gbp, cast(told.value_gbp * (1 + vat.parameter_value) as decimal(18, 2))
        ) as value_with_vat_gbp,
        threshold.threshold_gbp
    from told
    inner join ref.contracts_parameters as vat on vat.parameter = 'vat_rate'
    left join ref.procurement_thresholds as threshold
        on
            threshold.contract_type = case
                when told.goods_services_works = 'works' then 'works'
                when told.goods_services_works in ('goods', 'services') then 'goods_services_sub_central'
            end
            and told.award_date >= threshold.valid_from
            and (told.award_date <= threshold.valid_to or threshold.valid_to is null)
)

select
    sized.body_code,
    sized.contract_ref,
    sized.ocid,
    -- The title of a contract with a person commonly names the person.
    case when not sized.a_supplier_is_withheld then sized.title end as title,
    sized.supplier_name,
    coalesce(sized.suppliers, 0) as suppliers,
    sized.directorate,
    sized.contract_kind,
    sized.contract_status,
    sized.is_awarded,
    sized.goods_services_works,
    sized.cpv_code,
    sized.procedure,
    sized.notice_types,
    sized.award_date,
    financial_year(
        sized.award_date, settings.financial_year_start_month, settings.financial_year_start_day
    ) as award_financial_year,
    sized.start_date,
    sized.end_date,
    sized.first_value_gbp,
    sized.value_gbp,
    case
        when sized.is_above_threshold or sized.value_with_vat_gbp >= sized.threshold_gbp then 'above_threshold'
        when sized.value_gbp is null then 'not_stated'
        when not sized.is_above then 'up_to_20k'
        when sized.threshold_gbp is null and sized.is_above_threshold is null then 'above_20k_threshold_not_known'
        else 'above_20k_below_threshold'
    end as size_band,
    sized.is_above as above_20k,
    sized.above_since as above_20k_since,
    financial_year(
        sized.above_since, settings.financial_year_start_month, settings.financial_year_start_day
    ) as above_20k_financial_year,
    sized.above_by as above_20k_by,
    coalesce(sized.is_above and sized.is_awarded and not sized.is_framework, false) as counts_above_20k,
    sized.sv_in_decision,
    sized.sv_weight_pct,
    sized.sv_weight_basis,
    case
        when sized.sv_weight_basis = 'total' then sized.sv_weight_pct > cap.parameter_value
    end as sv_weight_is_above_cap,
    sized.sv_evidence,
    coalesce(sized.kpis, 0) as kpis,
    coalesce(sized.sv_kpis, 0) as sv_kpis,
    sized.rlw_clause,
    sized.told_by,
    null_reasons([
        ['title', if(sized.a_supplier_is_withheld and sized.title is not null, 'not_a_legal_entity', null)],
        ['award_date', if(sized.award_date is null, 'not_stated', null)],
        ['value_gbp', if(sized.value_gbp is null, coalesce(sized.value_null_reason, 'not_stated'), null)],
        ['supplier_name', case
            when sized.supplier_name is not null then null
            when sized.suppliers > 0 then 'not_a_legal_entity'
            else 'not_stated'
        end],
        ['sv_in_decision', if(sized.sv_in_decision is null, 'not_evidenced', null)],
        ['sv_weight_pct', if(sized.sv_weight_pct is null, sized.sv_weight_null_reason, null)]
    ]) as null_reasons
from sized
cross join site.settings as settings
inner join ref.contracts_parameters as cap on cap.parameter = 'social_value_cap_pct'
