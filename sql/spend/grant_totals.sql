-- Grain: one body (or the group), financial year, breakdown and its value.
-- Grants of a year: what was awarded, what of it was for onward grants, and what reached its last
-- recipients, where each pound counts once. Not a share of procurement, and never added to payments.
with counted as (
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
)

select
    body_code,
    financial_year,
    cell.breakdown as breakdown,
    cell.breakdown_value as breakdown_value,
    count(*) filter (where counts_as_awarded) as grants,
    coalesce(sum(awarded_gbp) filter (where counts_as_awarded), 0) as awarded_gbp,
    coalesce(
        sum(awarded_gbp) filter (where counts_as_awarded and not reaches_last_recipient), 0
    ) as for_onward_grants_gbp,
    coalesce(sum(awarded_gbp) filter (where grant_role = 'onward'), 0) as onward_grants_gbp,
    coalesce(sum(awarded_gbp) filter (where reaches_last_recipient), 0) as reached_recipients_gbp,
    count(distinct supplier_key) filter (where reaches_last_recipient) as identified_recipients,
    sum(disbursed_gbp) filter (where counts_as_awarded) as disbursed_gbp,
    count(disbursed_gbp) filter (where counts_as_awarded) as grants_with_disbursed,
    null_reasons([
        [
            'disbursed_gbp',
            case
                when count(disbursed_gbp) filter (where counts_as_awarded) = 0 then 'not_supplied'
            end
        ]
    ]) as null_reasons
from cells
group by body_code, financial_year, cell.breakdown, cell.breakdown_value
