-- Grain: one ledger line or part of it, paying body or group, and definition of local.
-- The lines from which local_spend is added up: each once for its own body and once for the group
-- of the bodies of the site, where payments from one to another and internal recharges are left
-- out; and each under both definitions of local, with the place that definition uses. A line paid to
-- a consortium whose shares are known is as many parts as it has members.
with bodies as (
    select
        payment.line_key,
        payment.body_code
    from spend.payments as payment
    where payment.excluded_reason is null
    union all
    select
        payment.line_key,
        'group' as body_code
    from spend.payments as payment
    inner join site.bodies as body on payment.body_code = body.body_code
    where
        payment.excluded_reason is null
        and payment.flow_class <> 'internal'
        and payment.payee_body_code is null
),
places as (
    select
        payment.line_key,
        'reg_office' as local_definition,
        payment.local_reg as is_local,
        false as is_stand_in,
        payment.reg_place_status as place_status,
        payment.reg_lad_code as lad_code,
        payment.reg_ward_code as ward_code,
        payment.reg_lsoa11_code as lsoa11_code,
        payment.reg_lsoa21_code as lsoa21_code
    from spend.payments as payment
    union all
    select
        payment.line_key,
        'delivery_branch' as local_definition,
        payment.local_delivery as is_local,
        payment.delivery_evidence = 'registered' as is_stand_in,
        payment.delivery_place_status as place_status,
        payment.delivery_lad_code as lad_code,
        payment.supplier_ward_code as ward_code,
        payment.delivery_lsoa11_code as lsoa11_code,
        payment.delivery_lsoa21_code as lsoa21_code
    from spend.payments as payment
)

select
    payment.line_key,
    bodies.body_code,
    places.local_definition,
    coalesce(part.member_number, 1) as part_number,
    payment.coverage,
    payment.comparison_basis,
    payment.financial_year,
    payment.posting_date,
    payment.flow_class,
    payment.in_scope,
    case when payment.is_identified then payment.supplier_key end as supplier_key,
    coalesce(part.amount_gbp, payment.amount_gbp) as amount_gbp,
    payment.capital_or_revenue,
    payment.goods_services_works,
    payment.category_level_1,
    payment.directorate,
    payment.group_key,
    payment.supplier_type,
    payment.ownership,
    payment.csl,
    payment.vcse,
    payment.sme,
    payment.rlw,
    payment.sv_principles,
    case when part.line_key is null then places.is_local else part.is_local end as is_local,
    part.line_key is null and places.is_stand_in as is_stand_in,
    case when part.line_key is null then places.place_status else part.place_status end
        as place_status,
    case when part.line_key is null then places.lad_code else part.lad_code end as lad_code,
    case when part.line_key is null then places.ward_code else part.ward_code end as ward_code,
    case when part.line_key is null then places.lsoa11_code else part.lsoa11_code end
        as lsoa11_code,
    case when part.line_key is null then places.lsoa21_code else part.lsoa21_code end
        as lsoa21_code
from spend.payments as payment
inner join bodies on payment.line_key = bodies.line_key
inner join places on payment.line_key = places.line_key
left join spend.consortium_parts as part on payment.line_key = part.line_key
