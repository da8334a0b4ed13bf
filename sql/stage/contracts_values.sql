-- Grain: one contract whose value was said.
-- What a contract was said to be worth, step by step, in issues of the register and in notices, and
-- since when it is above the value from which social value is asked. A contract that crosses it by
-- a modification is above from the day of the modification.
with refs as (
    select
        known.body_code,
        known.contract_ref,
        known.register_ref,
        known.lot_ref,
        known.ocid,
        known.award_id,
        known.award_date
    from stage.contracts_known as known
),

issues as (
    select
        register.*,
        lag(register.value_gbp) over issue_order as value_before_gbp,
        lag(register.register_date) over issue_order as register_date_before
    from stage.contracts_register as register
    where register.value_gbp is not null
    window
        issue_order as (
            partition by register.body_code, register.contract_ref, register.lot_ref
            order by register.register_date
        )
),

releases as (
    select
        notice.*,
        lag(notice.value_gbp) over (
            partition by notice.body_code, notice.ocid, notice.award_id
            order by notice.release_no
        ) as value_before_gbp
    from stage.contracts_ocds_contracts as notice
    where notice.value_gbp is not null
),

steps as (
    select
        refs.body_code,
        refs.contract_ref,
        1 as source_order,
        issues.register_date as said_on,
        case
            when issues.value_before_gbp is null then coalesce(refs.award_date, issues.register_date)
            when
                issues.modified_date > issues.register_date_before
                and issues.modified_date <= issues.register_date
                then issues.modified_date
            else issues.register_date
        end as valid_from,
        issues.value_gbp
    from issues
    inner join refs
        on
            issues.body_code = refs.body_code
            and issues.contract_ref = refs.register_ref
            and issues.lot_ref = refs.lot_ref
    where issues.value_gbp is distinct from issues.value_before_gbp
    union all
    select
        refs.body_code,
        refs.contract_ref,
        2 as source_order,
        releases.released_date as said_on,
        case
            when releases.value_before_gbp is null then coalesce(releases.award_date, releases.released_date)
            else coalesce(releases.amended_date, releases.released_date)
        end as valid_from,
        releases.value_gbp
    from releases
    inner join refs
        on
            releases.body_code = refs.body_code
            and releases.ocid = refs.ocid
            and releases.award_id = refs.award_id
    where releases.value_gbp is distinct from releases.value_before_gbp
),

summed as (
    select
        steps.body_code,
        steps.contract_ref,
        first(
            steps.value_gbp order by steps.valid_from, steps.source_order desc, steps.said_on, steps.value_gbp
        ) as first_value_gbp,
        last(
            steps.value_gbp order by steps.valid_from, steps.source_order, steps.said_on, steps.value_gbp
        ) as value_gbp,
        min(steps.valid_from) as first_valid_from,
        min(case when steps.value_gbp > asked.parameter_value then steps.valid_from end) as above_since,
        count(distinct steps.value_gbp) as values_said
    from steps
    inner join ref.contracts_parameters as asked on asked.parameter = 'social_value_above_gbp'
    group by steps.body_code, steps.contract_ref
)

select
    summed.body_code,
    summed.contract_ref,
    summed.first_value_gbp,
    summed.value_gbp,
    summed.values_said,
    summed.value_gbp > asked.parameter_value as is_above,
    case when summed.value_gbp > asked.parameter_value then summed.above_since end as above_since,
    case
        when summed.value_gbp <= asked.parameter_value then null
        when summed.above_since > summed.first_valid_from then 'modification'
        else 'award'
    end as above_by
from summed
inner join ref.contracts_parameters as asked on asked.parameter = 'social_value_above_gbp'
