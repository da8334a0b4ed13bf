-- Grain: one ledger line of a document over the publication threshold.
-- The statutory file: lines of documents whose total is strictly over £500 in absolute value,
-- credit notes too, in the classes of payment the Transparency Code asks for, of the bodies of the
-- site. Payees who are individuals are redacted; who may be a person is withheld until somebody has
-- looked.
-- The key of a line is made of what is open of it: a key made of what is withheld would let names be
-- guessed.
with lines as (
    select
        payment.body_code,
        body.body_name,
        payment.coverage,
        payment.financial_year,
        payment.posting_date,
        payment.payment_date,
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
        case when payment.payee_may_be_person is not true then payment.company_number end
            as company_number,
        case when payment.payee_may_be_person is not true then payment.charity_number end
            as charity_number,
        -- Free text on the line of a withheld payee may name the person; the expense type says what
        -- it was for.
        case
            when payment.redaction in ('commercial', 'not_stated') then payment.purpose
            when payment.redaction is null and payment.payee_may_be_person is not true
                then payment.purpose
        end as purpose,
        payment.account as expense_type,
        payment.category,
        payment.merchant_category,
        payment.document_ref,
        payment.document_line,
        payment.document_key,
        -- The document whole, also its lines of classes that are not published.
        sum(payment.amount_gbp) over (partition by payment.document_key) as document_total_gbp,
        payment.published_amount_gbp as line_amount_gbp,
        payment.irrecoverable_vat_gbp,
        payment.amount_gbp,
        payment.amount_basis,
        payment.capital_or_revenue,
        payment.goods_services_works,
        -- The register of contracts would name the supplier.
        case
            when payment.redaction is null and payment.payee_may_be_person is not true
                then payment.contract_ref
        end as contract_ref,
        payment.purchase_card,
        payment.flow_class,
        class.in_transparency_code,
        case
            when payment.redaction is not null then payment.redaction
            when payment.payee_may_be_person then 'may_be_person'
        end as redaction
    from spend.payments as payment
    inner join site.bodies as body on payment.body_code = body.body_code
    inner join ref.spend_flow_classes as class on payment.flow_class = class.flow_class
    where payment.excluded_reason is null
),
published as (
    select
        lines.body_code,
        lines.body_name,
        lines.coverage,
        lines.financial_year,
        lines.posting_date,
        lines.payment_date,
        lines.directorate,
        lines.service,
        lines.beneficiary_name,
        lines.company_number,
        lines.charity_number,
        lines.purpose,
        lines.expense_type,
        lines.category,
        lines.merchant_category,
        lines.document_ref,
        lines.document_line,
        lines.document_total_gbp,
        lines.line_amount_gbp,
        lines.irrecoverable_vat_gbp,
        lines.amount_gbp,
        lines.amount_basis,
        lines.capital_or_revenue,
        lines.goods_services_works,
        lines.contract_ref,
        lines.purchase_card,
        lines.flow_class,
        lines.redaction
    from lines
    cross join site.as_of as today
    inner join ref.spend_parameters as threshold
        on threshold.parameter = 'publication_threshold_gbp'
        and coalesce(threshold.valid_from <= coalesce(lines.posting_date, today.as_of), true)
        and coalesce(threshold.valid_to >= coalesce(lines.posting_date, today.as_of), true)
    where lines.in_transparency_code and abs(lines.document_total_gbp) > threshold.parameter_value
),
keyed as (
    select
        published.*,
        cast(published as varchar) as open_text
    from published
)

select
    -- Lines that are alike in all that is open are numbered: which of them has which number is told
    -- by nothing.
    cast(md5(concat(
        open_text, '|', row_number() over (partition by open_text order by open_text)
    )) as uuid) as line_key,
    body_code,
    body_name,
    coverage,
    financial_year,
    posting_date,
    payment_date,
    directorate,
    service,
    beneficiary_name,
    company_number,
    charity_number,
    purpose,
    expense_type,
    category,
    merchant_category,
    document_ref,
    document_line,
    document_total_gbp,
    line_amount_gbp,
    irrecoverable_vat_gbp,
    amount_gbp,
    amount_basis,
    capital_or_revenue,
    goods_services_works,
    contract_ref,
    purchase_card,
    flow_class,
    redaction
from keyed
