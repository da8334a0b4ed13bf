-- Grain: one body and financial year for which the pay of its own staff is supplied.
-- Rounds 1 to 3 of LM3 for staff: what they were paid, the part of those who live in the area, and
-- what these spend there as they answered. Figures about fewer people than may be shown are marked.
with pay as (
    select
        staff.body_code,
        staff.financial_year,
        sum(staff.staff) as staff,
        sum(staff.pay_gbp) as pay_gbp,
        sum(case when area.lad_code is not null then staff.staff else 0 end) as local_staff,
        sum(case when area.lad_code is not null then staff.pay_gbp else 0 end) as local_pay_gbp
    from stage.spend_staff_pay as staff
    left join site.area as area on staff.home_lad_code = area.lad_code
    group by staff.body_code, staff.financial_year
),
answers as (
    select
        body_code,
        financial_year,
        count(*) filter (where answered) as staff_answers,
        share(
            sum(coalesce(local_spend_pct, 0) + coalesce(local_staff_pct, 0))
                filter (where answered),
            100 * count(*) filter (where answered)
        ) as respend_share
    from raw.spend_respend_surveys
    where respondent_kind = 'staff'
    group by body_code, financial_year
)

select
    pay.body_code,
    pay.financial_year,
    pay.staff,
    pay.pay_gbp,
    pay.local_staff,
    pay.local_pay_gbp,
    coalesce(answers.staff_answers, 0) as staff_answers,
    answers.respend_share,
    -- By subtraction the rest would be known as well.
    pay.local_staff between 1 and least_shown.parameter_value - 1
    or pay.staff - pay.local_staff between 1 and least_shown.parameter_value - 1
        as staff_are_too_few,
    coalesce(answers.staff_answers, 0) < least_shown.parameter_value as answers_are_too_few
from pay
inner join ref.spend_parameters as least_shown on least_shown.parameter = 'least_staff_shown'
left join answers
    on pay.body_code = answers.body_code and pay.financial_year = answers.financial_year
