-- Grain: one thing that a supplier says it did.
-- Numbered in the order of the columns of its sheet. "none" is how a supplier says that it uses no
-- measurement system.
select
    returned.submission,
    row_number() over (partition by returned.submission order by returned._source_row) as return_number,
    trim(returned.reporter) as reporter,
    supplier_mention_key(
        supplier_name_key(returned.reporter),
        company_number_key(returned.organisation_number),
        if(
            company_number_key(returned.organisation_number) is null,
            charity_number_key(returned.organisation_number),
            null
        ),
        null,
        null,
        null,
        null
    ) as mention_key,
    supplier_name_key(returned.reporter) as supplier_name_key,
    company_number_key(returned.organisation_number) as company_number,
    if(
        company_number_key(returned.organisation_number) is null,
        charity_number_key(returned.organisation_number),
        null
    ) as charity_number,
    returned.contract_ref,
    returned.claim_period,
    returned.what,
    returned.quantity,
    returned.unit,
    nullif(returned.system, 'none') as system,
    returned.code,
    returned.value_as_claimed_gbp,
    returned.evidence_level,
    returned.evidence,
    returned.is_vcse,
    returned.is_sme,
    returned.pays_real_living_wage,
    returned.has_social_value_policy,
    returned.story,
    returned.story_may_be_published
from raw.impact_supplier_returns as returned
