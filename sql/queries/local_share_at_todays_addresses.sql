-- What would the registered-office share be if every supplier had always been where it is today?
-- tier: spend
-- Not a figure of the framework: the past restated with the addresses of today, and to be labelled
-- so. A payment itself takes the address of its posting date.
with local_districts as (
    select distinct payment.reg_lad_code as lad_code
    from spend.payments as payment
    where payment.local_reg and payment.reg_lad_code is not null
),
today as (
    select
        history.supplier_key,
        coalesce(history.register_lad_code, history.master_lad_code) as lad_code
    from spend.supplier_history as history
    where history.valid_to is null
)

select
    payment.body_code,
    payment.coverage,
    payment.comparison_basis as amount_basis,
    payment.financial_year,
    'restated with the addresses of today' as restated,
    sum(payment.amount_gbp) as spend_gbp,
    sum(case when payment.local_reg then payment.amount_gbp else 0 end) as local_as_posted_gbp,
    sum(case
        when today.lad_code is null and payment.local_reg then payment.amount_gbp
        when local_districts.lad_code is not null then payment.amount_gbp
        else 0
    end) as local_restated_gbp
from spend.payments as payment
left join today on payment.supplier_key = today.supplier_key
left join local_districts on today.lad_code = local_districts.lad_code
where payment.in_scope
group by
    payment.body_code, payment.coverage, payment.comparison_basis, payment.financial_year
order by
    payment.body_code, payment.coverage, payment.comparison_basis, payment.financial_year
