-- Grain: one body (or the group), financial year, breakdown and its value.
-- Grants of a year: what was awarded, what of it was for onward grants, and what reached its last
-- recipients, where each pound counts once. Not a share of procurement, and never added to payments.
-- What intermediaries gave on they report themselves: where money was given for it and nobody has
-- reported a grant of that year or a later one, it is not known what reached recipients since.
with yearly as (
    select
        grants.body_code,
        grants.financial_year,
        bool_or(grants.counts_as_awarded and not grants.reaches_last_recipient) as is_given_on,
        bool_or(grants.grant_role = 'onward') as has_onward
    from spend.grants as grants
    group by grants.body_code, grants.financial_year
),

-- The last year, up to each, in which money was for onward grants, and the last that any are of.
followed as (
    select
        yearly.body_code,
        yearly.financial_year,
        max(case when yearly.is_given_on then yearly.financial_year end) over (
            partition by yearly.body_code
            order by yearly.financial_year rows between unbounded preceding and current row
        ) as given_on_year,
        max(case when yearly.has_onward then yearly.financial_year end) over (
            partition by yearly.body_code
            order by yearly.financial_year rows between unbounded preceding and unbounded following
        ) as onward_year
    from yearly
),

missing as (
    select
        followed.body_code,
        followed.financial_year
    from followed
    where followed.given_on_year > coalesce(followed.onward_year, '')
    union
    select
        'group' as body_code,
        followed.financial_year
    from followed
    inner join site.bodies as body on followed.body_code = body.body_code
    where followed.given_on_year > coalesce(followed.onward_year, '')
),

counted as (
    select
        body_code,
        financial_year,
        supplier_key,
        line_key,
        awarded_gbp,
        disbursed_gbp,
        counts_as_awarded,
        reaches_last_recipient,
        grant_role,
        coalesce(programme, 'not_stated') as programme_value,
        recipient_kind,
        case vcse when true then 'yes' when false then 'no' else 'not_known' end as vcse_value
    from spend.grants
    union all
    -- What one body of the site gave another has not left the group.
    select
        'group' as body_code,
        grants.financial_year,
        grants.supplier_key,
        grants.line_key,
        grants.awarded_gbp,
        grants.disbursed_gbp,
        grants.counts_as_awarded,
        grants.reaches_last_recipient,
        grants.grant_role,
        coalesce(grants.programme, 'not_stated') as programme_value,
        grants.recipient_kind,
        case grants.vcse when true then 'yes' when false then 'no' else 'not_known' end
            as vcse_value
    from spend.grants as grants
    inner join site.bodies as body on grants.body_code = body.body_code
    where grants.recipient_body_code is null
),
cells as (
    select
        counted.*,
        unnest([
            struct_pack(breakdown := 'all', breakdown_value := 'all'),
            struct_pack(breakdown := 'programme', breakdown_value := counted.programme_value),
            struct_pack(breakdown := 'recipient_kind', breakdown_value := counted.recipient_kind),
            struct_pack(breakdown := 'vcse', breakdown_value := counted.vcse_value)
        ]) as cell
    from counted
),
summed as (
    select
        cells.body_code,
        cells.financial_year,
        cells.cell.breakdown as breakdown,
        cells.cell.breakdown_value as breakdown_value,
        count(*) filter (where cells.counts_as_awarded) as grants,
        coalesce(sum(cells.awarded_gbp) filter (where cells.counts_as_awarded), 0) as awarded_gbp,
        coalesce(
            sum(cells.awarded_gbp) filter (where cells.counts_as_awarded and not cells.reaches_last_recipient), 0
        ) as for_onward_grants_gbp,
        coalesce(sum(cells.awarded_gbp) filter (where cells.grant_role = 'onward'), 0) as onward_grants_gbp,
        coalesce(sum(cells.awarded_gbp) filter (where cells.reaches_last_recipient), 0)
            as reached_recipients_gbp,
        count(distinct cells.supplier_key) filter (where cells.reaches_last_recipient)
            as identified_recipients,
        sum(cells.disbursed_gbp) filter (where cells.counts_as_awarded) as disbursed_gbp,
        count(cells.disbursed_gbp) filter (where cells.counts_as_awarded) as grants_with_disbursed
    from cells
    group by cells.body_code, cells.financial_year, cells.cell.breakdown, cells.cell.breakdown_value
),
reasoned as (
    select
        summed.*,
        case when missing.body_code is not null then 'not_supplied' end as onward_reason,
        case when summed.grants_with_disbursed = 0 then 'not_supplied' end as disbursed_reason
    from summed
    left join missing
        on summed.body_code = missing.body_code and summed.financial_year = missing.financial_year
)

select
    reasoned.body_code,
    reasoned.financial_year,
    reasoned.breakdown,
    reasoned.breakdown_value,
    reasoned.grants,
    reasoned.awarded_gbp,
    reasoned.for_onward_grants_gbp,
    case when reasoned.onward_reason is null then reasoned.onward_grants_gbp end as onward_grants_gbp,
    case when reasoned.onward_reason is null then reasoned.reached_recipients_gbp end as reached_recipients_gbp,
    case when reasoned.onward_reason is null then reasoned.identified_recipients end as identified_recipients,
    reasoned.disbursed_gbp,
    reasoned.grants_with_disbursed,
    null_reasons([
        ['onward_grants_gbp', reasoned.onward_reason],
        ['reached_recipients_gbp', reasoned.onward_reason],
        ['identified_recipients', reasoned.onward_reason],
        ['disbursed_gbp', reasoned.disbursed_reason]
    ]) as null_reasons
from reasoned
