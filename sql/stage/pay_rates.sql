-- Grain: one person (or contract, where the body counts contracts) with an employee's post, held on the
-- snapshot date or not.
-- Pay of the relevant period, weekly hours, hourly rate and bonus of the year, for those who hold a
-- post on the snapshot date; with what stands against the rate.
with counted as (
    select
        post.body_code,
        post.snapshot_date,
        post.counted_key,
        max(cast(post.person_key as varchar)) as person_text,
        bool_or(post.is_held) as is_held,
        bool_and(post.may_be_left_out) filter (where post.is_held) as may_be_left_out,
        count(*) filter (where post.is_held) as posts_held,
        bool_or(post.is_held and post.is_reduced_because_of_leave) as is_reduced
    from stage.people_posts as post
    where post.is_employee
    group by post.body_code, post.snapshot_date, post.counted_key
),

-- Posts on one calendar of pay are added before they are divided, so that a rate is one division.
period_pay as (
    select
        line.body_code,
        line.snapshot_date,
        line.counted_key,
        periods.days,
        min(line.period_start) as period_start,
        max(line.period_end) as period_end,
        coalesce(sum(line.amount_gbp) filter (where line.is_ordinary), 0) as ordinary_gbp,
        coalesce(
            exact_sum(
                case
                    when not line.is_bonus_of_period or line.bonus_period = 'not_said' then null
                    when line.bonus_period = 'same' and line.bonus_days is null
                        then cast(line.amount_gbp as double)
                    else cast(line.amount_gbp as double)
                        / cast(line.bonus_days as double) * cast(periods.days as double)
                end
            ),
            0
        ) as bonus_of_period_gbp,
        count(*) filter (where line.is_ordinary or line.is_bonus_of_period) as paying_lines,
        coalesce(
            sum(line.amount_gbp) filter (
                where line.is_bonus_of_period and line.bonus_period = 'not_said'
            ),
            0
        ) as bonus_without_period_gbp,
        bool_or(line.reduces_because_of_leave) as is_reduced,
        bool_or(line.ended_on < line.snapshot_date and line.is_ordinary) as has_ended_post,
        bool_or(line.flag = 'strike_deduction') as has_strike,
        bool_or(line.flag = 'salary_sacrifice') as has_sacrifice
    from stage.pay_lines as line
    left join ref.pay_periods as periods
        on line.pay_frequency = periods.period
    where line.is_in_period and line.counted_key is not null
    group by line.body_code, line.snapshot_date, line.counted_key, periods.days
),

weekly as (
    select
        period_pay.body_code,
        period_pay.snapshot_date,
        period_pay.counted_key,
        sum(period_pay.ordinary_gbp) as ordinary_gbp,
        exact_sum(period_pay.bonus_of_period_gbp) as bonus_of_period_gbp,
        case
            when count(*) filter (where period_pay.paying_lines > 0) = 1
                then max(
                    weekly_pay(
                        cast(period_pay.ordinary_gbp as double) + period_pay.bonus_of_period_gbp,
                        period_pay.days
                    )
                ) filter (where period_pay.paying_lines > 0)
            else cast(
                exact_sum(
                    weekly_pay(
                        cast(period_pay.ordinary_gbp as double) + period_pay.bonus_of_period_gbp,
                        period_pay.days
                    )
                ) as double
            )
        end as weekly_pay_gbp,
        cast(
            exact_sum(weekly_pay(period_pay.bonus_of_period_gbp, period_pay.days)) as double
        ) as weekly_bonus_gbp,
        sum(period_pay.paying_lines) as paying_lines,
        bool_or(period_pay.paying_lines > 0 and period_pay.days is null) as has_unknown_period,
        sum(period_pay.bonus_without_period_gbp) <> 0 as has_bonus_without_period,
        bool_or(period_pay.is_reduced) as is_reduced,
        bool_or(coalesce(period_pay.has_ended_post, false)) as has_ended_post,
        bool_or(coalesce(period_pay.has_strike, false)) as has_strike,
        bool_or(coalesce(period_pay.has_sacrifice, false)) as has_sacrifice,
        min(period_pay.period_start) as period_start,
        max(period_pay.period_end) as period_end
    from period_pay
    group by period_pay.body_code, period_pay.snapshot_date, period_pay.counted_key
),

-- First day of the period on which the person was employed, in whichever post.
first_day as (
    select
        weekly.body_code,
        weekly.snapshot_date,
        weekly.counted_key,
        min(greatest(post.started_on, weekly.period_start)) as first_day
    from weekly
    inner join stage.people_posts as post
        on
            weekly.body_code = post.body_code
            and weekly.snapshot_date = post.snapshot_date
            and weekly.counted_key = post.counted_key
            and post.is_employee
            and post.started_on <= weekly.period_end
            and coalesce(post.ended_on >= weekly.period_start, true)
    group by weekly.body_code, weekly.snapshot_date, weekly.counted_key
),

-- What would have been paid for the whole period, of who started within it: what a line was earned over
-- is to the days of the period as the line is to the whole. The days are those that the line says, or
-- else those since the first. Basic pay is taken to no more than the contract gives for a period, where
-- the salary is known: who started late on full pay was paid it already.
whole_line as (
    select
        line.body_code,
        line.snapshot_date,
        line.counted_key,
        line.assignment_key,
        line.element_class,
        periods.days,
        line.annual_salary_gbp / cast(periods.periods_per_year as double) as full_pay_gbp,
        line.amount_gbp,
        cast(line.amount_gbp as double) * case
            when first_day.first_day between line.period_start + 1 and line.period_end
                then cast(line.period_end - line.period_start + 1 as double)
                / cast(
                    coalesce(line.days_earned, line.period_end - first_day.first_day + 1) as double
                )
            else 1
        end as whole_gbp
    from stage.pay_lines as line
    inner join first_day
        on
            line.body_code = first_day.body_code
            and line.snapshot_date = first_day.snapshot_date
            and line.counted_key = first_day.counted_key
    left join ref.pay_periods as periods
        on line.pay_frequency = periods.period
    where line.is_ordinary
),

whole_post as (
    select
        whole_line.body_code,
        whole_line.snapshot_date,
        whole_line.counted_key,
        whole_line.assignment_key,
        whole_line.days,
        max(whole_line.full_pay_gbp) as full_pay_gbp,
        cast(
            coalesce(sum(whole_line.amount_gbp) filter (where whole_line.element_class = 'basic'), 0)
            as double
        ) as basic_gbp,
        cast(
            coalesce(
                exact_sum(
                    case when whole_line.element_class = 'basic' then whole_line.whole_gbp end
                ),
                0
            )
            as double
        ) as whole_basic_gbp,
        cast(
            coalesce(
                exact_sum(
                    case when whole_line.element_class <> 'basic' then whole_line.whole_gbp end
                ),
                0
            )
            as double
        ) as whole_other_gbp
    from whole_line
    group by
        whole_line.body_code, whole_line.snapshot_date, whole_line.counted_key,
        whole_line.assignment_key, whole_line.days
),

whole_period as (
    select
        whole_post.body_code,
        whole_post.snapshot_date,
        whole_post.counted_key,
        cast(
            exact_sum(
                weekly_pay(
                    case
                        when whole_post.full_pay_gbp is null then whole_post.whole_basic_gbp
                        else greatest(
                            whole_post.basic_gbp,
                            least(whole_post.whole_basic_gbp, whole_post.full_pay_gbp)
                        )
                    end + whole_post.whole_other_gbp,
                    whole_post.days
                )
            ) as double
        ) as weekly_ordinary_gbp
    from whole_post
    group by whole_post.body_code, whole_post.snapshot_date, whole_post.counted_key
),

-- A post whose hours vary, with no hours and no pay, adds nothing to those of another post.
post_pay as (
    select
        line.body_code,
        line.snapshot_date,
        line.counted_key,
        line.assignment_key,
        bool_or(line.is_ordinary or line.is_bonus_of_period) as is_paid
    from stage.pay_lines as line
    where line.is_in_period and line.counted_key is not null
    group by line.body_code, line.snapshot_date, line.counted_key, line.assignment_key
),

hours as (
    select
        post_hours.body_code,
        post_hours.snapshot_date,
        post_hours.counted_key,
        case
            when count(post_hours.weekly_hours) = 1 then max(post_hours.weekly_hours)
            else cast(exact_sum(post_hours.weekly_hours) as double)
        end as weekly_hours,
        bool_or(post_hours.weekly_hours is null and not post_hours.hours_vary)
            as has_missing_hours,
        bool_or(
            post_hours.weekly_hours is null and post_hours.hours_vary
            and coalesce(post_pay.is_paid, false)
        ) as has_paid_post_without_hours,
        string_agg(
            distinct post_hours.hours_method, ';' order by post_hours.hours_method
        ) as hours_methods,
        bool_or(post_hours.has_months) as has_months
    from stage.pay_post_hours as post_hours
    left join post_pay
        on
            post_hours.body_code = post_pay.body_code
            and post_hours.snapshot_date = post_pay.snapshot_date
            and post_hours.counted_key = post_pay.counted_key
            and post_hours.assignment_key = post_pay.assignment_key
    group by post_hours.body_code, post_hours.snapshot_date, post_hours.counted_key
),

bonus as (
    select
        line.body_code,
        line.snapshot_date,
        line.counted_key,
        sum(line.amount_gbp) as bonus_gbp
    from stage.pay_lines as line
    where line.is_bonus_of_year and line.counted_key is not null
    group by line.body_code, line.snapshot_date, line.counted_key
),

-- What the payroll system worked out itself: an amount put right by hand wins.
summary as (
    select
        pay.body_code,
        pay.snapshot_date,
        pay.person_key as counted_key,
        coalesce(pay.weekly_hours_override, pay.weekly_hours) as weekly_hours,
        pay.weekly_ordinary_gbp,
        coalesce(pay.weekly_bonus_override_gbp, pay.weekly_bonus_gbp, 0) as weekly_bonus_gbp,
        pay.hourly_rate_gbp,
        pay.on_full_pay,
        pay.bonus_12_months_gbp,
        pay.weekly_hours_override is not null or pay.weekly_bonus_override_gbp is not null
            as has_override
    from raw.people_pay_summary as pay
),

joined as (
    select
        counted.body_code,
        counted.snapshot_date,
        counted.counted_key,
        cast(counted.person_text as uuid) as person_key,
        counted.is_held,
        coalesce(counted.may_be_left_out, false) as may_be_left_out,
        counted.posts_held,
        weekly.counted_key is null and summary.counted_key is not null as is_vendor_rate,
        coalesce(summary.has_override, false) as has_override,
        counted.is_reduced or coalesce(weekly.is_reduced, false)
        or (weekly.counted_key is null and coalesce(not summary.on_full_pay, false)) as is_reduced,
        weekly.ordinary_gbp,
        weekly.bonus_of_period_gbp,
        coalesce(weekly.paying_lines, 0) as paying_lines,
        case
            when weekly.counted_key is not null then weekly.weekly_pay_gbp
            else cast(summary.weekly_ordinary_gbp + summary.weekly_bonus_gbp as double)
        end as weekly_pay_gbp,
        case
            when weekly.counted_key is null and summary.weekly_hours > 0
                then cast(summary.weekly_hours as double)
            when weekly.counted_key is null and summary.counted_key is not null then null
            else nullif(hours.weekly_hours, 0)
        end as weekly_hours,
        cast(summary.hourly_rate_gbp as double) as given_rate_gbp,
        hours.weekly_hours as contracted_or_worked_hours,
        coalesce(hours.has_missing_hours, false) as has_missing_hours,
        coalesce(hours.has_paid_post_without_hours, false) as has_paid_post_without_hours,
        coalesce(hours.hours_methods, 'none') as hours_methods,
        coalesce(hours.has_months, false) as has_months,
        coalesce(weekly.has_unknown_period, false) as has_unknown_period,
        coalesce(weekly.has_ended_post, false) as has_ended_post,
        coalesce(weekly.has_strike, false) as has_strike,
        coalesce(weekly.has_sacrifice, false) as has_sacrifice,
        coalesce(first_day.first_day > weekly.period_start, false) as is_part_period,
        coalesce(weekly.has_bonus_without_period, false) as has_bonus_without_period,
        coalesce(whole_period.weekly_ordinary_gbp, 0) as whole_weekly_ordinary_gbp,
        weekly.weekly_bonus_gbp,
        coalesce(bonus.bonus_gbp, summary.bonus_12_months_gbp, 0) as bonus_gbp,
        bonus.bonus_gbp <= 0 as is_bonus_reversed
    from counted
    left join weekly
        on
            counted.body_code = weekly.body_code
            and counted.snapshot_date = weekly.snapshot_date
            and counted.counted_key = weekly.counted_key
    left join first_day
        on
            counted.body_code = first_day.body_code
            and counted.snapshot_date = first_day.snapshot_date
            and counted.counted_key = first_day.counted_key
    left join whole_period
        on
            counted.body_code = whole_period.body_code
            and counted.snapshot_date = whole_period.snapshot_date
            and counted.counted_key = whole_period.counted_key
    left join hours
        on
            counted.body_code = hours.body_code
            and counted.snapshot_date = hours.snapshot_date
            and counted.counted_key = hours.counted_key
    left join bonus
        on
            counted.body_code = bonus.body_code
            and counted.snapshot_date = bonus.snapshot_date
            and counted.counted_key = bonus.counted_key
    left join summary
        on
            counted.body_code = summary.body_code
            and counted.snapshot_date = summary.snapshot_date
            and counted.counted_key = summary.counted_key
)

select
    joined.body_code,
    joined.snapshot_date,
    joined.counted_key,
    joined.person_key,
    joined.is_held,
    joined.may_be_left_out and joined.paying_lines = 0 and not joined.is_vendor_rate
        as is_pay_not_held,
    joined.posts_held,
    joined.is_reduced,
    joined.ordinary_gbp,
    joined.bonus_of_period_gbp,
    joined.paying_lines,
    joined.weekly_pay_gbp,
    joined.weekly_hours,
    joined.contracted_or_worked_hours,
    joined.hours_methods,
    case
        when joined.is_vendor_rate
            then coalesce(joined.weekly_pay_gbp / joined.weekly_hours, joined.given_rate_gbp)
        when joined.has_missing_hours or joined.has_paid_post_without_hours
            or joined.has_bonus_without_period
            then null
        else joined.weekly_pay_gbp / joined.weekly_hours
    end as literal_rate_gbp,
    case
        when joined.is_part_period and not joined.is_vendor_rate
            and not joined.has_missing_hours and not joined.has_paid_post_without_hours
            and not joined.has_bonus_without_period
            then (joined.whole_weekly_ordinary_gbp + joined.weekly_bonus_gbp) / joined.weekly_hours
    end as normalised_rate_gbp,
    joined.is_part_period,
    joined.bonus_gbp,
    joined.bonus_gbp > 0 as is_paid_bonus,
    joined.has_unknown_period,
    joined.has_bonus_without_period,
    joined.has_missing_hours,
    joined.has_paid_post_without_hours,
    joined.is_vendor_rate,
    joined.has_override,
    joined.has_months,
    joined.has_ended_post,
    joined.has_strike,
    joined.has_sacrifice,
    coalesce(joined.is_bonus_reversed, false) as is_bonus_reversed
from joined
