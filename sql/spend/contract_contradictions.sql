-- Grain: one fact of one contract of which register and notice say different things.
-- Which of the two is taken: methods C6 and the README of the pipeline. Neither is corrected here.
with latest_issue as (
    select issue.*
    from stage.contracts_register as issue
    qualify
        row_number() over (
            partition by issue.body_code, issue.contract_ref, issue.lot_ref
            order by issue.register_date desc
        ) = 1
),

register_names as (
    select
        named.body_code,
        named.register_date,
        named.contract_ref,
        named.lot_ref,
        string_agg(named.name_key, '; ' order by named.name_key) as suppliers
    from (
        select distinct -- several spellings may have one key
            register.body_code,
            register.register_date,
            register.contract_ref,
            register.lot_ref,
            supplier_name_key(register.supplier_name) as name_key
        from stage.contracts_register_suppliers as register
    ) as named
    group by named.body_code, named.register_date, named.contract_ref, named.lot_ref
),

notice_names as (
    select
        named.body_code,
        named.ocid,
        named.award_id,
        string_agg(named.name_key, '; ' order by named.name_key) as suppliers
    from (
        select distinct -- several spellings may have one key
            supplier.body_code,
            supplier.ocid,
            supplier.award_id,
            supplier_name_key(supplier.supplier_name) as name_key
        from stage.contracts_ocds_suppliers as supplier
    ) as named
    group by named.body_code, named.ocid, named.award_id
),

pairs as (
    select
        known.body_code,
        known.contract_ref,
        known.ocid,
        issue.value_gbp as register_value_gbp,
        notice.value_gbp as notice_value_gbp,
        worth.value_gbp as taken_value_gbp,
        issue.award_date as register_award_date,
        notice.award_date as notice_award_date,
        issue.start_date as register_start_date,
        notice.start_date as notice_start_date,
        issue.end_date as register_end_date,
        notice.end_date as notice_end_date,
        issue.contract_kind as register_kind,
        notice.contract_kind as notice_kind,
        known.contract_kind as taken_kind,
        register_names.suppliers as register_suppliers,
        notice_names.suppliers as notice_suppliers
    from stage.contracts_known as known
    inner join latest_issue as issue
        on
            known.body_code = issue.body_code
            and known.register_ref = issue.contract_ref
            and known.lot_ref = issue.lot_ref
    inner join stage.contracts_ocds_contracts as notice
        on
            known.body_code = notice.body_code
            and known.ocid = notice.ocid
            and known.award_id = notice.award_id
            and notice.is_latest
    left join stage.contracts_values as worth
        on known.body_code = worth.body_code and known.contract_ref = worth.contract_ref
    left join register_names
        on
            issue.body_code = register_names.body_code
            and issue.register_date = register_names.register_date
            and issue.contract_ref = register_names.contract_ref
            and issue.lot_ref = register_names.lot_ref
    left join notice_names
        on
            known.body_code = notice_names.body_code
            and known.ocid = notice_names.ocid
            and known.award_id = notice_names.award_id
),

facts as (
    select
        pairs.body_code,
        pairs.contract_ref,
        pairs.ocid,
        fact.name as fact,
        fact.register as register_says,
        fact.notice as notice_says,
        fact.taken
    from pairs
    cross join unnest([
        {
            'name': 'value_gbp',
            'register': cast(pairs.register_value_gbp as varchar),
            'notice': cast(pairs.notice_value_gbp as varchar),
            'taken': cast(pairs.taken_value_gbp as varchar)
        },
        {
            'name': 'award_date',
            'register': cast(pairs.register_award_date as varchar),
            'notice': cast(pairs.notice_award_date as varchar),
            'taken': cast(pairs.notice_award_date as varchar)
        },
        {
            'name': 'start_date',
            'register': cast(pairs.register_start_date as varchar),
            'notice': cast(pairs.notice_start_date as varchar),
            'taken': cast(pairs.notice_start_date as varchar)
        },
        {
            'name': 'end_date',
            'register': cast(pairs.register_end_date as varchar),
            'notice': cast(pairs.notice_end_date as varchar),
            'taken': cast(pairs.notice_end_date as varchar)
        },
        {
            'name': 'contract_kind',
            'register': pairs.register_kind,
            'notice': pairs.notice_kind,
            'taken': pairs.taken_kind
        },
        {
            'name': 'supplier',
            'register': pairs.register_suppliers,
            'notice': pairs.notice_suppliers,
            'taken': pairs.notice_suppliers
        }
    ]) as listed(fact)
),

-- Awards that are left out, as lines of the register name their process and none says which it is.
left_out as (
    select
        notice.body_code,
        if(
            starts_with(notice.award_id, notice.ocid),
            notice.award_id,
            notice.ocid || '/' || notice.award_id
        ) as contract_ref,
        notice.ocid,
        notice.award_id,
        string_agg(named.contract_ref, '; ' order by named.contract_ref) as register_refs
    from stage.contracts_ocds_contracts as notice
    left join stage.contracts_known as known
        on
            notice.body_code = known.body_code
            and notice.ocid = known.ocid
            and notice.award_id = known.award_id
    inner join stage.contracts_known as named
        on
            notice.body_code = named.body_code
            and named.told_by = 'register'
            and coalesce(
                named.ocid = notice.ocid,
                contract_ref_key(named.register_ref) = contract_ref_key(notice.tender_ref)
            )
    where notice.is_latest and known.contract_ref is null
    group by notice.body_code, notice.ocid, notice.award_id
)

select
    facts.body_code,
    facts.contract_ref,
    facts.fact,
    facts.ocid,
    facts.register_says,
    facts.notice_says,
    facts.taken
from facts
where facts.register_says <> facts.notice_says
union all
select
    left_out.body_code,
    left_out.contract_ref,
    'contract' as fact,
    left_out.ocid,
    left_out.register_refs as register_says,
    left_out.award_id as notice_says,
    left_out.register_refs as taken
from left_out
