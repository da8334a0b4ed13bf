-- Grain: one organisation of one register.
-- The registers of companies, charities and mutuals, each organisation as the newest extract that
-- has it says. An organisation that a later extract lacks stays as it was.
with companies as (
    select
        company.company_number as identifier_given,
        company.company_name,
        company.postcode,
        company.category,
        company.incorporated_on,
        company.dissolved_on,
        list_filter(
            [
                company.previous_name_1, company.previous_name_2, company.previous_name_3,
                company.previous_name_4, company.previous_name_5,
                company.previous_name_6, company.previous_name_7, company.previous_name_8,
                company.previous_name_9, company.previous_name_10
            ],
            lambda name: name is not null
        ) as other_names,
        company.snapshot_date
    from raw.spend_register_companies as company
    qualify row_number() over (
        partition by company.company_number
        order by company.snapshot_date desc, company.line_key
    ) = 1
),
charities as (
    select
        charity.charity_number,
        charity.charity_name,
        charity.postcode,
        charity.company_number,
        charity.is_cio,
        charity.registered_text,
        charity.removed_text,
        charity.snapshot_date
    from raw.spend_register_charities as charity
    where coalesce(charity.linked_charity_number, 0) = 0
    qualify row_number() over (
        partition by charity.charity_number
        order by charity.snapshot_date desc, charity.line_key
    ) = 1
),
-- Branches and subsidiaries of a charity bear its number: one legal entity, several names.
branches as (
    select
        charity.charity_number,
        list(distinct charity.charity_name order by charity.charity_name) as other_names
    from raw.spend_register_charities as charity
    where charity.linked_charity_number > 0
    group by charity.charity_number
),
societies as (
    select
        society.society_number,
        society.society_name,
        society.registered_as,
        society.address,
        society.registered_on,
        society.deregistered_on,
        society.snapshot_date
    from raw.spend_register_mutuals as society
    qualify row_number() over (
        partition by society.society_number
        order by society.snapshot_date desc, society.line_key
    ) = 1
),
form_texts as (
    select distinct 'companies' as register, match_text(category) as form_text -- each once
    from companies
    union all
    select distinct 'mutuals' as register, match_text(registered_as) as form_text -- each once
    from societies
),
forms as (
    select
        form_texts.register,
        form_texts.form_text,
        first(form.legal_form order by form.form_word_order) as legal_form
    from form_texts
    inner join ref.supplier_register_forms as form
        on form_texts.register = form.register
        and text_fits(form_texts.form_text, form.pattern_kind, form.pattern)
    group by form_texts.register, form_texts.form_text
),
organisations as (
    select
        'companies' as register,
        'GB-COH' as org_id_scheme,
        company_number_key(companies.identifier_given) as identifier,
        companies.company_name as registered_name,
        companies.postcode as postcode_text,
        companies.category as form_given,
        forms.legal_form,
        company_number_key(companies.identifier_given) as company_number,
        companies.incorporated_on as registered_on,
        companies.dissolved_on as ended_on,
        companies.other_names,
        companies.snapshot_date
    from companies
    left join forms
        on forms.register = 'companies'
        and match_text(companies.category) = forms.form_text
    union all
    select
        'charities' as register,
        charity_scheme(charity_number_key(charities.charity_number)) as org_id_scheme,
        charity_number_key(charities.charity_number) as identifier,
        charities.charity_name as registered_name,
        charities.postcode as postcode_text,
        case when charities.is_cio then 'CIO' end as form_given,
        case
            when charities.is_cio then 'cio'
            when company_number_key(charities.company_number) is not null then 'charitable_company'
            else 'charity'
        end as legal_form,
        company_number_key(charities.company_number) as company_number,
        try_cast(left(charities.registered_text, 10) as date) as registered_on,
        try_cast(left(charities.removed_text, 10) as date) as ended_on,
        coalesce(branches.other_names, []) as other_names,
        charities.snapshot_date
    from charities
    left join branches on charities.charity_number = branches.charity_number
    union all
    select
        'mutuals' as register,
        'GB-MPR' as org_id_scheme,
        upper(tidy_text(societies.society_number)) as identifier,
        societies.society_name as registered_name,
        regexp_extract(
            upper(societies.address), '([A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})[^A-Z0-9]*$', 1
        ) as postcode_text,
        societies.registered_as as form_given,
        forms.legal_form,
        cast(null as varchar) as company_number,
        societies.registered_on,
        societies.deregistered_on as ended_on,
        [] as other_names,
        societies.snapshot_date
    from societies
    left join forms
        on forms.register = 'mutuals'
        and match_text(societies.registered_as) = forms.form_text
)

select
    register,
    org_id_scheme,
    identifier,
    tidy_text(registered_name) as registered_name,
    supplier_name_key(registered_name) as name_key,
    postcode_pcds(postcode_text) as pcds,
    form_given,
    legal_form,
    company_number,
    registered_on,
    ended_on,
    other_names,
    snapshot_date
from organisations
where identifier is not null
