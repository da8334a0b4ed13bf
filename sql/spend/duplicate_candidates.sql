-- Grain: one payment of a document that resembles an earlier payment.
-- The queue of probable duplicates: the same supplier, the same total, the same invoice number once
-- punctuation and leading noughts are gone, within the window. Both stay in every total until a
-- person decides.
with documents as (
    select
        payment.document_key,
        payment.body_code,
        payment.coverage,
        payment.supplier_key,
        min(payment.supplier_name) as supplier_name,
        payment.posting_date,
        min(payment.document_ref) as document_ref,
        payment.invoice_ref,
        coalesce(
            document_number_key(payment.invoice_ref),
            document_number_key(min(payment.document_ref))
        ) as compared_number,
        sum(payment.amount_gbp) as amount_gbp,
        count(*) as lines
    from spend.payments as payment
    where
        payment.excluded_reason is null
        and payment.is_identified
        and payment.posting_date is not null
    group by
        payment.document_key, payment.body_code, payment.coverage, payment.supplier_key,
        payment.posting_date, payment.invoice_ref
),
in_order as (
    select
        document_key,
        body_code,
        coverage,
        supplier_key,
        supplier_name,
        posting_date,
        document_ref,
        invoice_ref,
        compared_number,
        amount_gbp,
        lines,
        lag(document_key) over same_invoice as earlier_document_key,
        lag(posting_date) over same_invoice as earlier_posting_date,
        lag(document_ref) over same_invoice as earlier_document_ref,
        lag(invoice_ref) over same_invoice as earlier_invoice_ref
    from documents
    where compared_number is not null
    window same_invoice as (
        partition by body_code, coverage, supplier_key, compared_number, amount_gbp
        order by posting_date, document_ref, invoice_ref, document_key
    )
)

select
    cast(md5(
        cast(in_order.document_key as varchar) || '|'
        || cast(in_order.posting_date as varchar) || '|'
        || coalesce(in_order.invoice_ref, '')
    ) as uuid) as candidate_key,
    in_order.body_code,
    in_order.coverage,
    in_order.supplier_key,
    in_order.supplier_name,
    in_order.compared_number,
    in_order.amount_gbp,
    in_order.lines,
    in_order.document_key,
    in_order.document_ref,
    in_order.invoice_ref,
    in_order.posting_date,
    in_order.earlier_document_key,
    in_order.earlier_document_ref,
    in_order.earlier_invoice_ref,
    in_order.earlier_posting_date,
    in_order.posting_date - in_order.earlier_posting_date as days_apart,
    case
        when coalesce(in_order.invoice_ref, in_order.document_ref)
            = coalesce(in_order.earlier_invoice_ref, in_order.earlier_document_ref)
            then 'same_number'
        else 'same_number_after_cleaning'
    end as resemblance
from in_order
inner join ref.spend_parameters as duplicate_window
    on duplicate_window.parameter = 'duplicate_window_days'
where
    in_order.earlier_document_key is not null
    and in_order.posting_date - in_order.earlier_posting_date <= duplicate_window.parameter_value
