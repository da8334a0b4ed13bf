-- Which payees are withheld from the over-£500 file because the name may be that of a person?
-- tier: spend
select
    payment.body_code,
    payment.supplier_name,
    count(*) as payment_lines,
    sum(payment.amount_gbp) as amount_gbp,
    max(payment.account) as example_account
from spend.payments as payment
where payment.payee_may_be_person
    and payment.redaction is null
    and payment.excluded_reason is null
    and exists (
        select 1
        from spend.published_payments as published
        where published.body_code = payment.body_code
            and published.coverage = payment.coverage
            and published.posting_date is not distinct from payment.posting_date
            and published.document_ref is not distinct from payment.document_ref
            and published.redaction = 'may_be_person'
            and published.amount_gbp = payment.amount_gbp
    )
group by payment.body_code, payment.supplier_name
order by amount_gbp desc, payment.body_code, payment.supplier_name
