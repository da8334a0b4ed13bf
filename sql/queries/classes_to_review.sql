-- Which payments did a rule class that a person should look at?
-- tier: spend
select
    payment.body_code,
    payment.financial_year,
    payment.flow_class,
    payment.flow_rule,
    payment.public_body_kind,
    max(payment.supplier_name) as supplier_name,
    max(payment.account) as example_account,
    max(payment.purpose) as example_purpose,
    sum(payment.amount_gbp) as amount_gbp,
    count(*) as payment_lines
from spend.payments as payment
where payment.flow_needs_review and payment.excluded_reason is null
group by
    payment.body_code, payment.coverage, payment.financial_year, payment.flow_class,
    payment.flow_rule, payment.public_body_kind, payment.supplier_key
order by abs(sum(payment.amount_gbp)) desc, payment.body_code, payment.financial_year, supplier_name
