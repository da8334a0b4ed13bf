-- Grain: one grant.
-- Grants awarded, with who received them and how each counts. An award is a commitment and what the
-- ledger pays is another fact: grants and payments are never added.
select
    grants.line_key,
    grants.body_code,
    grants.source_name,
    grants.source_file,
    grants.source_row,
    grants.load_id,
    grants.grant_ref,
    grants.financial_year,
    grants.award_date,
    grants.start_date,
    grants.end_date,
    grants.duration_months,
    -- Title and purpose may name a person who is withheld.
    case when recipient.redaction is null then grants.title end as title,
    case when recipient.redaction is null then grants.purpose end as purpose,
    grants.applied_for_gbp,
    grants.awarded_gbp,
    grants.disbursed_gbp,
    grants.directorate,
    grants.programme_code,
    grants.programme,
    grants.is_open_call,
    grants.grant_role,
    grants.funder_name,
    grants.regrant_type,
    grants.grant_role = 'own' as counts_as_awarded,
    not coalesce(regrant.is_for_onward_grants, false) as reaches_last_recipient,
    recipient.recipient_kind,
    recipient.recipient_name,
    match.supplier_key,
    match.org_id,
    match.org_id_scheme,
    recipient.charity_number,
    recipient.company_number,
    period.vcse,
    recipient.recipient_may_be_person,
    recipient.recipient_body_code,
    grants.beneficiary_place,
    grants.beneficiary_area_code,
    recipient.redaction
from stage.spend_grants as grants
inner join stage.spend_grant_recipients as recipient on grants.line_key = recipient.line_key
left join stage.supplier_matches as match on recipient.mention_key = match.mention_key
left join stage.supplier_periods as period
    on match.supplier_key = period.supplier_key
    and (period.valid_from is null or period.valid_from <= grants.award_date)
    and (period.valid_to is null or grants.award_date <= period.valid_to)
left join ref.spend_regrant_types as regrant on grants.regrant_type = regrant.regrant_type
