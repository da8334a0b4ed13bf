-- Grain: one contract of the register that a notice speaks of.
-- Linked by the reference, which the notice may carry as the number of the contract, award or tender,
-- and by the ocid in the register. Where several awards of one process come into question, by the
-- lot; a process with one award and one line in the register are each other's. A contract has one
-- award at most, and the reverse.
with registered as (
    select
        register.body_code,
        register.contract_ref,
        register.lot_ref,
        max(register.ocid) as ocid
    from stage.contracts_register as register
    group by register.body_code, register.contract_ref, register.lot_ref
),

awarded as (
    select
        notice.body_code,
        notice.ocid,
        notice.award_id,
        notice.lots,
        [contract_ref_key(notice.contract_id), contract_ref_key(notice.award_id)] as refs,
        contract_ref_key(notice.tender_ref) as tender_key,
        count(*) over (partition by notice.body_code, contract_ref_key(notice.tender_ref))
            as awards_of_tender,
        count(*) over (partition by notice.body_code, notice.ocid) as awards
    from stage.contracts_ocds_contracts as notice
    where notice.is_latest
),

-- Pairs that come into question: of one process, or of one reference.
pairs as (
    select
        registered.body_code,
        registered.contract_ref,
        registered.lot_ref,
        awarded.ocid,
        awarded.award_id
    from registered
    inner join awarded on registered.body_code = awarded.body_code and registered.ocid = awarded.ocid
    union
    select
        registered.body_code,
        registered.contract_ref,
        registered.lot_ref,
        awarded.ocid,
        awarded.award_id
    from registered
    inner join (
        select
            awarded.*,
            unnest(list_append(awarded.refs, awarded.tender_key)) as ref
        from awarded
    ) as awarded
        on
            registered.body_code = awarded.body_code
            and contract_ref_key(registered.contract_ref) = awarded.ref
    where registered.ocid is null
),

joined as (
    select
        registered.body_code,
        registered.contract_ref,
        registered.lot_ref,
        registered.ocid as registered_ocid,
        awarded.ocid,
        awarded.award_id,
        awarded.awards,
        list_contains(awarded.lots, registered.lot_ref) as is_of_lot,
        -- The tender's reference is that of all its awards: where it has several, the lot must tell.
        list_contains(awarded.refs, contract_ref_key(registered.contract_ref))
        or (
            coalesce(awarded.tender_key = contract_ref_key(registered.contract_ref), false)
            and (awarded.awards_of_tender = 1 or list_contains(awarded.lots, registered.lot_ref))
        ) as is_of_ref
    from pairs
    inner join registered
        on
            pairs.body_code = registered.body_code
            and pairs.contract_ref = registered.contract_ref
            and pairs.lot_ref = registered.lot_ref
    inner join awarded
        on
            pairs.body_code = awarded.body_code
            and pairs.ocid = awarded.ocid
            and pairs.award_id = awarded.award_id
),

candidates as (
    select
        joined.body_code,
        joined.contract_ref,
        joined.lot_ref,
        joined.ocid,
        joined.award_id,
        case
            when joined.registered_ocid = joined.ocid and joined.is_of_ref then 'ocid_and_reference'
            when joined.registered_ocid = joined.ocid and joined.is_of_lot then 'ocid_and_lot'
            when joined.registered_ocid = joined.ocid and joined.awards = 1 then 'ocid'
            when joined.registered_ocid is null and joined.is_of_ref then 'reference'
        end as link_method
    from joined
),

ranked as (
    select
        candidates.*,
        array_position(
            ['ocid_and_reference', 'ocid_and_lot', 'ocid', 'reference'], candidates.link_method
        ) as method_order
    from candidates
    where candidates.link_method is not null
),

best_of_contract as (
    select
        ranked.*,
        row_number() over (
            partition by ranked.body_code, ranked.contract_ref, ranked.lot_ref
            order by ranked.method_order, ranked.ocid, ranked.award_id
        ) as place
    from ranked
)

select
    best.body_code,
    best.contract_ref,
    best.lot_ref,
    best.ocid,
    best.award_id,
    best.link_method
from best_of_contract as best
where best.place = 1
qualify
    row_number() over (
        partition by best.body_code, best.ocid, best.award_id
        order by best.method_order, best.contract_ref, best.lot_ref
    ) = 1
