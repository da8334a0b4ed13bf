-- Grain: one supplier asked for one quotation.
with named as (
    select
        quotation.*,
        tidy_text(quotation.supplier_name) as supplier,
        company_number_key(quotation.company_number) as company,
        charity_number_key(quotation.charity_number) as charity,
        postcode_pcds(quotation.supplier_postcode) as pcds
    from raw.contracts_quotations as quotation
),

worded as (
    select
        named.supplier,
        count(organisation.word) as organisation_words
    from (
        select distinct supplier -- each name once
        from named
    ) as named
    left join ref.spend_organisation_words as organisation
        on text_fits(match_text(named.supplier), 'phrase', organisation.word)
    group by named.supplier
)

select
    named.body_code,
    named.quote_ref,
    supplier_mention_key(
        supplier_name_key(named.supplier), named.company, named.charity, cast(null as varchar),
        named.pcds, named.body_code, cast(null as varchar)
    ) as mention_key,
    named.title,
    named.directorate,
    named.invited_date,
    named.closing_date,
    named.estimated_gbp,
    named.supplier as supplier_name,
    supplier_name_key(named.supplier) as supplier_name_key,
    named.company as company_number,
    named.charity as charity_number,
    named.pcds,
    coalesce(named.company, named.charity) is not null or worded.organisation_words > 0 as is_legal_entity,
    named.has_quoted,
    named.quote_gbp,
    named.is_awarded,
    named.contract_ref
from named
inner join worded on named.supplier = worded.supplier
