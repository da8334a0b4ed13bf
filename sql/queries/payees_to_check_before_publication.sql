-- Which names in the over-£500 file may be names of people?
-- tier: spend
select
    payment.body_code,
    payment.supplier_name,
    count(*) as payment_lines,
    sum(payment.amount_gbp) as amount_gbp,
    max(payment.account) as example_account
from spend.payments as payment
inner join spend.published_payments as published on payment.line_key = published.line_key
where payment.payee_may_be_person
group by payment.body_code, payment.supplier_name
order by amount_gbp desc, payment.body_code, payment.supplier_name
