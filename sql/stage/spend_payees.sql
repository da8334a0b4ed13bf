-- Grain: one payee as published (tidied), on the lines or in a list of suppliers.
-- Says what the words in a payee's name give away: withheld by the publisher, a person, a name that
-- may be a person's, a row that adds up several payments, a public body, a body of the site.
with published_payees as (
    select payee_name
    from stage.spend_lines
    where payee_name is not null
    union
    select supplier_name as payee_name
    from stage.supplier_list_rows
    where supplier_name is not null
),
payees as (
    select
        payee_name,
        match_text(payee_name) as payee_text,
        supplier_name_key(payee_name) as payee_name_key
    from published_payees
),
redaction_found as (
    select
        payees.payee_name,
        min(word.word_order) as word_order
    from payees
    inner join ref.spend_redaction_words as word
        on text_fits(payees.payee_text, word.pattern_kind, word.pattern)
    group by payees.payee_name
),
aggregate_found as (
    select
        payees.payee_name,
        min(word.word_order) as word_order
    from payees
    inner join ref.spend_aggregate_words as word
        on text_fits(payees.payee_text, word.pattern_kind, word.pattern)
    group by payees.payee_name
),
organisation_words as (
    select
        payees.payee_name,
        count(organisation.word) as organisation_words
    from payees
    left join ref.spend_organisation_words as organisation
        on text_fits(payees.payee_text, 'phrase', organisation.word)
    group by payees.payee_name
),
titles_found as (
    select
        payees.payee_name,
        title.title
    from payees
    inner join ref.spend_person_titles as title
        on split_part(payees.payee_text, ' ', 1) = title.title
        and contains(payees.payee_text, ' ')
),
public_body_found as (
    select
        payees.payee_name,
        min(body.body_order) as body_order
    from payees
    inner join ref.spend_public_bodies as body
        on text_fits(payees.payee_text, body.pattern_kind, body.pattern)
    group by payees.payee_name
),
site_body_found as (
    select
        payees.payee_name,
        min(body.body_code) as body_code
    from payees
    inner join site.bodies as body
        on payees.payee_name_key = supplier_name_key(body.body_name)
    group by payees.payee_name
)

select
    payees.payee_name,
    payees.payee_text,
    payees.payee_name_key,
    case
        when redaction.redaction is not null then redaction.redaction
        when titles_found.title is not null and organisation_words.organisation_words = 0
            then 'individual'
    end as redaction,
    aggregate_found.word_order is not null as aggregate_row,
    organisation_words.organisation_words = 0
    and body.body_order is null
    and aggregate_found.word_order is null
    and coalesce(site_body_found.body_code, site_body.body_code) is null
    and regexp_full_match(payees.payee_text, '[a-z]+( [a-z]+){1,2}') as may_be_person,
    case
        when coalesce(site_body_found.body_code, site_body.body_code) is not null then 'group'
        else body.public_body_kind
    end as public_body_kind,
    body.body_label as public_body_name,
    coalesce(site_body_found.body_code, site_body.body_code) as payee_body_code
from payees
left join redaction_found on payees.payee_name = redaction_found.payee_name
left join ref.spend_redaction_words as redaction
    on redaction_found.word_order = redaction.word_order
left join aggregate_found on payees.payee_name = aggregate_found.payee_name
left join organisation_words on payees.payee_name = organisation_words.payee_name
left join titles_found on payees.payee_name = titles_found.payee_name
left join public_body_found on payees.payee_name = public_body_found.payee_name
left join ref.spend_public_bodies as body on public_body_found.body_order = body.body_order
left join site_body_found on payees.payee_name = site_body_found.payee_name
left join site.bodies as site_body on body.body_code = site_body.body_code
