-- Grain: one award criterion of one lot of one contract or process.
select
    criterion.body_code,
    criterion.process_ref,
    criterion.told_by,
    criterion.lot_ref,
    criterion.criterion_ref,
    criterion.parent_ref,
    criterion.criterion_name,
    criterion.weight,
    criterion.weight_type,
    criterion.evaluation_method,
    criterion.lot_value_gbp,
    criterion.is_social_value,
    criterion.class_method,
    criterion.needs_review,
    criterion.decided_by,
    weight.weight as lot_sv_weight,
    weight.weight_basis as lot_sv_weight_basis,
    weight.null_reason as lot_sv_null_reason
from stage.contracts_criteria as criterion
inner join stage.contracts_lot_weights as weight
    on
        criterion.body_code = weight.body_code
        and criterion.process_ref = weight.process_ref
        and criterion.lot_ref = weight.lot_ref
