-- Grain: one contract of which criteria are known.
-- The authority's own record is taken before the notice. A contract has the weight of its lots; of
-- several with different weights, their mean by the value of the lots.
with lot_values as (
    select
        criterion.body_code,
        criterion.process_ref,
        criterion.lot_ref,
        criterion.told_by,
        max(criterion.lot_value_gbp) as lot_value_gbp
    from stage.contracts_criteria as criterion
    group by criterion.body_code, criterion.process_ref, criterion.lot_ref, criterion.told_by
),

-- Criteria may name the contract by its reference here, in the register, or by its process.
refs as (
    select distinct -- the first two are often one
        known.body_code,
        known.contract_ref,
        named.process_ref
    from stage.contracts_known as known
    cross join unnest([
        upper(known.contract_ref), upper(known.register_ref), upper(known.ocid)
    ]) as named(process_ref)
    where named.process_ref is not null
),

lots as (
    select
        known.body_code,
        known.contract_ref,
        lot_values.told_by,
        lot_values.process_ref,
        lot_values.lot_ref,
        lot_values.lot_value_gbp,
        weight.criteria,
        weight.sv_criteria,
        weight.in_decision,
        weight.weight,
        weight.weight_basis,
        weight.null_reason,
        list_contains(
            list_transform(known.lots, lambda lot: upper(lot)) || [upper(known.lot_ref)], lot_values.lot_ref
        ) as is_of_contract
    from refs
    inner join stage.contracts_known as known
        on refs.body_code = known.body_code and refs.contract_ref = known.contract_ref
    inner join lot_values
        on refs.body_code = lot_values.body_code and refs.process_ref = lot_values.process_ref
    inner join stage.contracts_lot_weights as weight
        on
            lot_values.body_code = weight.body_code
            and lot_values.process_ref = weight.process_ref
            and lot_values.lot_ref = weight.lot_ref
),

-- One record: the authority's; the one by reference before the one by process; the lots of the
-- contract where they are told apart.
chosen as (
    select lots.*
    from lots
    qualify
        rank() over (
            partition by lots.body_code, lots.contract_ref
            order by
                if(lots.told_by = 'authority', 0, 1),
                if(lots.process_ref = upper(lots.contract_ref), 0, 1),
                if(lots.process_ref like 'OCDS-%', 1, 0),
                if(lots.is_of_contract and lots.lot_ref <> 'ALL', 0, 1)
        ) = 1
),

summed as (
    select
        chosen.body_code,
        chosen.contract_ref,
        min(chosen.told_by) as told_by,
        count(*) as lots,
        sum(chosen.criteria) as criteria,
        sum(chosen.sv_criteria) as sv_criteria,
        bool_and(chosen.in_decision) as all_decided,
        bool_or(chosen.in_decision is null) as is_partly_unknown,
        min(chosen.weight) as least_weight,
        max(chosen.weight) as greatest_weight,
        exact_sum(chosen.weight * cast(chosen.lot_value_gbp as double)) as weighted,
        sum(chosen.lot_value_gbp) as value_gbp,
        bool_or(chosen.lot_value_gbp is null) as has_no_value,
        min(chosen.weight_basis) as weight_basis,
        count(distinct chosen.weight_basis) as bases,
        min(chosen.null_reason) as null_reason
    from chosen
    group by chosen.body_code, chosen.contract_ref
),

reasoned as (
    select
        summed.*,
        case
            when summed.null_reason is not null then summed.null_reason
            when summed.bases > 1 then 'weight_bases_mixed'
            when
                summed.least_weight < summed.greatest_weight
                and (summed.has_no_value or summed.value_gbp = 0)
                then 'lot_value'
        end as weight_null_reason
    from summed
)

select
    reasoned.body_code,
    reasoned.contract_ref,
    reasoned.told_by,
    reasoned.lots,
    cast(reasoned.criteria as bigint) as criteria,
    cast(reasoned.sv_criteria as bigint) as sv_criteria,
    case
        when not reasoned.all_decided then false
        when not reasoned.is_partly_unknown then reasoned.all_decided
    end as in_decision,
    case
        when reasoned.weight_null_reason is not null then null
        when reasoned.least_weight = reasoned.greatest_weight then reasoned.least_weight
        else reasoned.weighted / cast(reasoned.value_gbp as double)
    end as weight,
    case when reasoned.weight_null_reason is null then reasoned.weight_basis end as weight_basis,
    reasoned.weight_null_reason as null_reason
from reasoned
