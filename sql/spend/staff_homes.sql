-- Grain: one body, financial year and district, or other_local or other_elsewhere: the districts that
-- are put together.
-- Where a body's own staff live and what they were paid. Districts with fewer people than may be
-- shown are put together, with as many of the next as it takes, so that the total is kept and
-- nothing can be subtracted from it. Those in the area and those elsewhere are put together apart, as
-- LM3 tells the pay of either.
with ranked as (
    select
        staff.body_code,
        staff.financial_year,
        staff.home_district,
        staff.staff,
        staff.pay_gbp,
        case staff.local_share when 1 then 'other_local' when 0 then 'other_elsewhere' end
            as other_of_its_side,
        staff.staff < least_shown.parameter_value as is_small,
        coalesce(
            sum(staff.staff) over (
                partition by staff.body_code, staff.financial_year, staff.local_share
                order by staff.staff, staff.home_district
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) < least_shown.parameter_value as smaller_ones_are_few,
        bool_or(staff.staff < least_shown.parameter_value) over (
            partition by staff.body_code, staff.financial_year, staff.local_share
        ) as any_is_small
    from stage.spend_staff_pay as staff
    inner join ref.spend_parameters as least_shown on least_shown.parameter = 'least_staff_shown'
    where staff.staff > 0
),
put_together as (
    select
        body_code,
        financial_year,
        case
            when is_small or (any_is_small and smaller_ones_are_few)
                then coalesce(other_of_its_side, home_district)
            else home_district
        end as home_district,
        staff,
        pay_gbp
    from ranked
),
districts as (
    select
        body_code,
        financial_year,
        home_district,
        sum(staff) as staff,
        sum(pay_gbp) as pay_gbp,
        count(*) as districts
    from put_together
    group by body_code, financial_year, home_district
)

select
    districts.body_code,
    districts.financial_year,
    districts.home_district,
    districts.districts,
    case when districts.staff >= least_shown.parameter_value then districts.staff end as staff,
    case when districts.staff >= least_shown.parameter_value then districts.pay_gbp end as pay_gbp,
    case when districts.staff < least_shown.parameter_value then 'staff, pay_gbp' end as withheld
from districts
inner join ref.spend_parameters as least_shown on least_shown.parameter = 'least_staff_shown'
