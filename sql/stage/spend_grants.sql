-- Grain: one grant.
-- The grant as published, cleaned: tidy texts, identifiers of the recipient in their one form, the
-- financial year of the award. Nothing is judged and nothing is left out here.
with grants as (
    select
        line_key,
        source as source_name,
        body_code,
        _load_id as load_id,
        _source_file as source_file,
        _source_row as source_row,
        tidy_text(grant_ref) as grant_ref,
        tidy_text(title) as title,
        tidy_text(purpose) as purpose,
        applied_for_gbp,
        awarded_gbp,
        disbursed_gbp,
        award_date,
        start_date,
        end_date,
        duration_months,
        tidy_text(recipient_name) as recipient_name,
        upper(tidy_text(recipient_org_id)) as recipient_org_id,
        recipient_charity_number,
        recipient_company_number,
        recipient_postcode,
        tidy_text(beneficiary_place) as beneficiary_place,
        beneficiary_area_code,
        tidy_text(funder_name) as funder_name,
        tidy_text(directorate) as directorate,
        tidy_text(programme_code) as programme_code,
        coalesce(tidy_text(programme), tidy_text(programme_code)) as programme,
        is_open_call,
        regrant_type,
        coalesce(grant_role, 'own') as grant_role
    from raw.spend_grants
)

select
    grants.line_key,
    grants.source_name,
    grants.body_code,
    grants.load_id,
    grants.source_file,
    grants.source_row,
    grants.grant_ref,
    grants.title,
    grants.purpose,
    grants.applied_for_gbp,
    grants.awarded_gbp,
    grants.disbursed_gbp,
    grants.award_date,
    coalesce(
        financial_year(
            grants.award_date,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ),
        'unknown_period'
    ) as financial_year,
    grants.start_date,
    grants.end_date,
    grants.duration_months,
    grants.recipient_name,
    coalesce(
        charity_number_key(grants.recipient_charity_number),
        charity_number_key(regexp_extract(grants.recipient_org_id, '^GB-(CHC|SC|NIC)-(.+)$', 2))
    ) as charity_number,
    coalesce(
        company_number_key(grants.recipient_company_number),
        company_number_key(regexp_extract(grants.recipient_org_id, '^GB-COH-(.+)$', 1))
    ) as company_number,
    nullif(
        regexp_extract(grants.recipient_org_id, '^(GB-(MPR|EDU|UKPRN|NHS|LAE|SHPE|CASC))-(.+)$', 1), ''
    ) as other_id_scheme,
    nullif(
        regexp_extract(grants.recipient_org_id, '^(GB-(MPR|EDU|UKPRN|NHS|LAE|SHPE|CASC))-(.+)$', 3), ''
    ) as other_id,
    postcode_pcds(grants.recipient_postcode) as recipient_pcds,
    grants.beneficiary_place,
    grants.beneficiary_area_code,
    grants.funder_name,
    grants.directorate,
    grants.programme_code,
    grants.programme,
    grants.is_open_call,
    grants.regrant_type,
    grants.grant_role
from grants
cross join site.settings as settings
