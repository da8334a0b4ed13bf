-- Grain: one contract, or one running tender, as it is known now.
-- Register and notices are put together. The notice is what was published under the Act: it speaks
-- for dates, procedure and kind; the register for reference, title, department, and all that no
-- notice says. The value is what was said last; of one day the notice's. No contract is told twice: see notice.
with register as (
    select issue.*
    from stage.contracts_register as issue
    qualify
        row_number() over (
            partition by issue.body_code, issue.contract_ref, issue.lot_ref
            order by issue.register_date desc
        ) = 1
),

linked as (
    select
        register.*,
        link.ocid as linked_ocid,
        link.award_id,
        link.link_method
    from register
    left join stage.contracts_links as link
        on
            register.body_code = link.body_code
            and register.contract_ref = link.contract_ref
            and register.lot_ref = link.lot_ref
),

-- An award that no line of the register is linked with, of a process that a line without a link names,
-- is told there already, though nothing says in which line: it is no further contract.
notice as (
    select latest.*
    from stage.contracts_ocds_contracts as latest
    where
        latest.is_latest
        and not (
            latest.award_status = 'active' -- no other counts as a contract
            and not exists (
                select 1
                from stage.contracts_links as link
                where
                    link.body_code = latest.body_code
                    and link.ocid = latest.ocid
                    and link.award_id = latest.award_id
            )
            and exists (
                select 1
                from linked
                where
                    linked.body_code = latest.body_code
                    and linked.award_id is null
                    and coalesce(linked.contract_status, 'awarded') in ('awarded', 'ended')
                    and coalesce(
                        linked.ocid = latest.ocid,
                        contract_ref_key(linked.contract_ref) = contract_ref_key(latest.tender_ref),
                        false
                    )
            )
        )
)

select
    coalesce(linked.body_code, notice.body_code) as body_code,
    case
        when linked.contract_ref is null and starts_with(notice.award_id, notice.ocid) then notice.award_id
        when linked.contract_ref is null then notice.ocid || '/' || notice.award_id
        when linked.lot_ref = 'ALL' then linked.contract_ref
        else linked.contract_ref || '/' || linked.lot_ref
    end as contract_ref,
    linked.contract_ref as register_ref,
    linked.lot_ref,
    coalesce(notice.ocid, linked.ocid) as ocid,
    notice.award_id,
    linked.link_method,
    coalesce(linked.title, notice.title) as title,
    linked.description,
    linked.directorate,
    case
        when linked.contract_kind in ('framework', 'call_off') then linked.contract_kind
        when notice.contract_kind in ('framework', 'call_off') then notice.contract_kind
        else coalesce(linked.contract_kind, notice.contract_kind)
    end as contract_kind,
    linked.framework_ref,
    coalesce(notice.goods_services_works, linked.goods_services_works) as goods_services_works,
    coalesce(notice.cpv_code, linked.cpv_code) as cpv_code,
    coalesce(notice.procedure, linked.procedure) as procedure,
    coalesce(notice.award_date, linked.award_date, linked.start_date) as award_date,
    coalesce(notice.start_date, linked.start_date) as start_date,
    coalesce(notice.end_date, linked.end_date) as end_date,
    case
        when linked.contract_status = 'tendering' and coalesce(notice.award_status, 'none') <> 'active'
            then 'tendering'
        when
            linked.contract_status = 'cancelled'
            or notice.award_status in ('cancelled', 'unsuccessful')
            or notice.contract_status = 'cancelled'
            then 'cancelled'
        when linked.contract_status = 'ended' or notice.contract_status = 'terminated' then 'ended'
        when
            linked.contract_ref is null
            and notice.award_status = 'none'
            and notice.tender_status in ('cancelled', 'unsuccessful', 'withdrawn')
            then 'cancelled'
        when linked.contract_ref is null and notice.award_status in ('none', 'pending') then 'tendering'
        else 'awarded'
    end as contract_status,
    notice.gross_value_gbp,
    notice.is_above_threshold,
    coalesce(linked.value_null_reason, notice.value_null_reason) as value_null_reason,
    coalesce(notice.lots, []) as lots,
    linked.sv_in_decision as register_sv_in_decision,
    linked.sv_weight_pct as register_sv_weight_pct,
    linked.rlw_clause,
    linked.sv_clause,
    case
        when linked.contract_ref is null then 'notice'
        when notice.ocid is null then 'register'
        else 'register_and_notice'
    end as told_by
from linked
full join notice
    on
        linked.body_code = notice.body_code
        and linked.linked_ocid = notice.ocid
        and linked.award_id = notice.award_id
