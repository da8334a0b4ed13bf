-- Grain: one grant.
-- Who received it, and whether the name may be shown. A grant without an organisation is one to a
-- person, and so is one whose recipient bears a title; a name that may be a person's, without a
-- number in any register, is looked at by somebody before it is published.
with recipients as (
    select
        grants.line_key,
        grants.body_code,
        grants.recipient_name,
        payee.payee_name_key,
        payee.payee_body_code,
        grants.charity_number,
        grants.company_number,
        grants.other_id_scheme,
        grants.other_id,
        grants.recipient_pcds,
        coalesce(grants.charity_number, grants.company_number, grants.other_id) is not null
            as has_number,
        coalesce(payee.may_be_person, false) as may_be_person,
        case
            when coalesce(grants.charity_number, grants.company_number, grants.other_id) is not null
                then null
            when grants.recipient_name is null then 'individual'
            else payee.redaction
        end as redaction
    from stage.spend_grants as grants
    left join stage.spend_payees as payee on grants.recipient_name = payee.payee_name
)

select
    line_key,
    redaction,
    redaction is null and not has_number and may_be_person as recipient_may_be_person,
    case when redaction is null then recipient_name end as recipient_name,
    case when redaction is null then payee_name_key end as recipient_name_key,
    case when redaction is null then charity_number end as charity_number,
    case when redaction is null then company_number end as company_number,
    case when redaction is null then other_id_scheme end as other_id_scheme,
    case when redaction is null then other_id end as other_id,
    case when redaction is null then recipient_pcds end as recipient_pcds,
    payee_body_code as recipient_body_code,
    case
        when redaction is not null then 'withheld'
        when charity_number is not null then 'charity'
        when company_number is not null then 'company'
        else 'no_number'
    end as recipient_kind,
    case
        when redaction is null and (has_number or not may_be_person)
            then supplier_mention_key(
                payee_name_key, company_number, charity_number, null, recipient_pcds, body_code, null
            )
    end as mention_key
from recipients
