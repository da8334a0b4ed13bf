-- Grain: one body and financial year for which the pay of its own staff is supplied.
-- Rounds 1 to 3 of LM3 for staff: what they were paid, the part of those who live in the area, and
-- what these spend there as they answered; and the pay of those of whom nobody says where they live,
-- some of whom may live there. Figures about fewer people than may be shown are marked.
with pay as (
    select
        staff.body_code,
        staff.financial_year,
        sum(staff.staff) as staff,
        sum(staff.pay_gbp) as pay_gbp,
        cast(round(sum(staff.staff * staff.local_share)) as bigint) as local_staff,
        coalesce(sum(staff.staff) filter (where staff.local_share = 1), 0) as staff_inside,
        coalesce(sum(staff.staff) filter (where staff.local_share = 0), 0) as staff_elsewhere,
        cast(round(sum(staff.pay_gbp * staff.local_share), 2) as decimal(18, 2)) as local_pay_gbp,
        coalesce(sum(staff.staff) filter (where staff.district_kind = 'not_known'), 0)
            as unknown_staff,
        coalesce(sum(staff.pay_gbp) filter (where staff.district_kind = 'not_known'), 0)
            as unknown_pay_gbp
    from stage.spend_staff_pay as staff
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
    pay.unknown_staff,
    pay.unknown_pay_gbp,
    coalesce(answers.staff_answers, 0) as staff_answers,
    answers.respend_share,
    -- By subtraction the rest would be known as well, and so would few on one side beside the
    -- districts across the border, which spend.staff_homes has.
    pay.local_staff between 1 and least_shown.parameter_value - 1
    or pay.staff - pay.local_staff between 1 and least_shown.parameter_value - 1
    or pay.staff_inside between 1 and least_shown.parameter_value - 1
    or pay.staff_elsewhere between 1 and least_shown.parameter_value - 1
        as staff_are_too_few,
    pay.unknown_staff between 1 and least_shown.parameter_value - 1
    or pay.staff - pay.local_staff - pay.unknown_staff between 1 and least_shown.parameter_value - 1
        as unknown_are_too_few,
    coalesce(answers.staff_answers, 0) < least_shown.parameter_value as answers_are_too_few
from pay
inner join ref.spend_parameters as least_shown on least_shown.parameter = 'least_staff_shown'
left join answers
    on pay.body_code = answers.body_code and pay.financial_year = answers.financial_year
