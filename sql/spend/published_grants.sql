-- Grain: one grant.
-- The list of grants for publication, with the columns the Transparency Code asks for of grants to
-- voluntary organisations. Who is or may be a person is not named.
select
    grants.line_key,
    grants.body_code,
    body.body_name,
    grants.grant_ref,
    grants.financial_year,
    grants.award_date,
    grants.start_date,
    grants.end_date,
    grants.directorate,
    grants.programme,
    grants.recipient_kind,
    case
        when grants.redaction is not null then 'Redacted: personal data'
        when grants.recipient_may_be_person then 'Withheld until checked'
        else coalesce(grants.recipient_name, grants.org_id)
    end as beneficiary_name,
    grants.charity_number,
    grants.company_number,
    case
        when grants.redaction is null and not grants.recipient_may_be_person then grants.purpose
    end as purpose,
    grants.awarded_gbp,
    grants.disbursed_gbp,
    grants.regrant_type,
    grants.grant_role,
    case
        when grants.redaction is not null then grants.redaction
        when grants.recipient_may_be_person then 'may_be_person'
    end as redaction
from spend.grants as grants
inner join site.bodies as body on grants.body_code = body.body_code
