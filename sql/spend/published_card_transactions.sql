-- Grain: one purchase card transaction.
-- The statutory list of card transactions: each one, whatever its amount, with the columns that the
-- Transparency Code names. Merchants that are individuals are redacted; one that
-- may be a person is withheld until somebody has looked.
-- The key of a transaction is made of what is open of it: a key made of what is withheld would let
-- names be guessed.
with published as (
    select
        payment.body_code,
        body.body_name,
        payment.coverage,
        payment.financial_year,
        payment.payment_date as transaction_date,
        payment.posting_date,
        payment.directorate,
        payment.service,
        case
            when payment.redaction in ('personal', 'individual') then 'Redacted: personal data'
            when payment.redaction = 'commercial' then 'Redacted: commercial confidentiality'
            when payment.redaction = 'unspecified' then 'Redacted'
            when payment.redaction = 'not_stated' then 'Not stated'
            when payment.payee_may_be_person then 'Withheld until checked'
            else coalesce(
                payment.supplier_name, payment.company_number, 'Supplier ' || payment.supplier_ref
            )
        end as beneficiary_name,
        -- Free text on the line of a withheld merchant may name the person.
        case
            when payment.redaction in ('commercial', 'not_stated') then payment.purpose
            when payment.redaction is null and payment.payee_may_be_person is not true
                then payment.purpose
        end as purpose,
        payment.merchant_category,
        payment.category,
        payment.account as expense_type,
        payment.document_ref as transaction_ref,
        payment.published_amount_gbp as transaction_amount_gbp,
        payment.irrecoverable_vat_gbp,
        payment.amount_gbp,
        payment.amount_basis,
        payment.flow_class,
        case
            when payment.redaction is not null then payment.redaction
            when payment.payee_may_be_person then 'may_be_person'
        end as redaction
    from spend.payments as payment
    inner join site.bodies as body on payment.body_code = body.body_code
    where payment.purchase_card and payment.excluded_reason is null
),
keyed as (
    select
        published.*,
        cast(published as varchar) as open_text
    from published
)

select
    -- Transactions that are alike in all that is open are numbered: which of them has which number
    -- is told by nothing.
    cast(md5(concat(
        open_text, '|', row_number() over (partition by open_text order by open_text)
    )) as uuid) as line_key,
    body_code,
    body_name,
    coverage,
    financial_year,
    transaction_date,
    posting_date,
    directorate,
    service,
    beneficiary_name,
    purpose,
    merchant_category,
    category,
    expense_type,
    transaction_ref,
    transaction_amount_gbp,
    irrecoverable_vat_gbp,
    amount_gbp,
    amount_basis,
    flow_class,
    redaction
from keyed
