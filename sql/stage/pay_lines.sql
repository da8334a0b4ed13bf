-- Grain: one payment line.
-- What each line of the payroll counts as: ordinary pay or bonus pay of the relevant pay period,
-- bonus pay of the year, or nothing, with the reason. Ordinary pay that normally falls in another
-- period is known by its class, by the days it was earned on, by a word in its name, or because its
-- post ended before the period began. How long a bonus was earned over that comes without a period,
-- is never guessed: it is bonus of the year, and its person has no rate.
with line as (
    select
        pay.body_code,
        pay.snapshot_date,
        pay.line_key,
        pay.person_key,
        coalesce(pay.assignment_key, main_post.assignment_key) as assignment_key,
        pay.period_start,
        pay.period_end,
        coalesce(
            pay.in_snapshot_period,
            pay.snapshot_date between pay.period_start and pay.period_end
        ) as is_in_period,
        pay.paid_on,
        pay.element_code,
        pay.element_text,
        pay.amount_gbp,
        coalesce(pay.earned_from, pay.earned_to) as earned_from,
        case when pay.earned_from is not null then pay.earned_to end as earned_to,
        lower(pay.bonus_period) as bonus_period,
        pay.bonus_days
    from raw.people_pay_lines as pay
    -- Also of lines that name their post: a condition on those alone would compare every line with
    -- every post.
    left join stage.people_posts as main_post
        on
            pay.body_code = main_post.body_code
            and pay.snapshot_date = main_post.snapshot_date
            and pay.person_key = main_post.person_key
            and main_post.is_main_post
),

element as (
    select
        element_map.body_code,
        snapshots.snapshot_date,
        element_map.element_code,
        lower(element_map.element_class) as element_class,
        lower(element_map.bonus_period) as bonus_period,
        coalesce(element_map.normally_paid_late, false) as normally_paid_late,
        classes.counts_as,
        classes.reduces_because_of_leave,
        classes.flag
    from raw.people_element_map as element_map
    inner join (
        select
            pay.body_code,
            pay.snapshot_date
        from raw.people_pay_lines as pay
        group by pay.body_code, pay.snapshot_date
    ) as snapshots
        on
            element_map.body_code = snapshots.body_code
            and element_map.valid_from <= snapshots.snapshot_date
    left join ref.pay_element_classes as classes
        on lower(element_map.element_class) = classes.element_class
    -- What the element is on the snapshot date: the latest word before it.
    qualify row_number() over (
        partition by element_map.body_code, snapshots.snapshot_date, element_map.element_code
        order by element_map.valid_from desc
    ) = 1
),

-- A payroll has few names of elements, and many lines.
marked as (
    select
        texts.element_text,
        max(words.word) as word
    from (
        select line.element_text
        from line
        group by line.element_text
    ) as texts
    inner join ref.pay_text_words as words
        on regexp_matches(
            texts.element_text, concat('(^|[^A-Z])', words.word, '([^A-Z]|$)')
        )
    group by texts.element_text
),

-- A file that says of a line no more than that its period holds the snapshot date: the period follows
-- from how often the post is paid.
dated as (
    select
        line.* exclude (period_start, period_end),
        coalesce(
            line.period_start,
            case
                when line.is_in_period and post.pay_frequency = 'month'
                    then cast(date_trunc('month', line.snapshot_date) as date)
                when line.is_in_period
                    then line.snapshot_date + 1 - cast(periods.days as integer)
            end
        ) as period_start,
        coalesce(
            line.period_end,
            case
                when line.is_in_period and post.pay_frequency = 'month'
                    then last_day(line.snapshot_date)
                when line.is_in_period and periods.days is not null then line.snapshot_date
            end
        ) as period_end,
        post.assignment_key as post_key,
        post.counted_key,
        post.pay_frequency,
        post.started_on,
        post.ended_on,
        post.is_employee,
        post.annual_salary_gbp
    from line
    left join stage.people_posts as post
        on
            line.body_code = post.body_code
            and line.snapshot_date = post.snapshot_date
            and line.person_key = post.person_key
            and line.assignment_key = post.assignment_key
    left join ref.pay_periods as periods
        on post.pay_frequency = periods.period
),

judged as (
    select
        line.*,
        element.element_class,
        element.counts_as as class_counts_as,
        element.flag as class_flag,
        coalesce(element.reduces_because_of_leave, false) as reduces_because_of_leave,
        coalesce(
            line.bonus_period,
            element.bonus_period,
            case when line.bonus_days is null then 'not_said' else 'days' end
        ) as earned_in,
        case
            when not supplies.has_posts then 'posts_not_supplied'
            when not supplies.has_element_map then 'elements_not_supplied'
            when line.post_key is null then 'line_without_post'
            when element.element_class is null then 'element_not_in_map'
            when not line.is_employee then 'post_makes_no_employee'
            when element.counts_as = 'none' then 'class_does_not_count'
            when element.counts_as = 'bonus' then null
            when not line.is_in_period then 'outside_the_period'
            when element.counts_as = 'other_period' then 'class_of_another_period'
            when line.ended_on < coalesce(line.period_start, line.snapshot_date)
                then 'post_ended_before_the_period'
            -- Also what was earned over days that reach into the period: nobody says how much of it.
            when line.earned_from < line.period_start and not element.normally_paid_late
                then 'earned_before_the_period'
            when line.earned_from > line.period_end then 'earned_after_the_period'
            when marked.word is not null then 'name_says_another_period'
        end as reason
    from dated as line
    inner join stage.people_supplies as supplies
        on
            line.body_code = supplies.body_code
            and line.snapshot_date = supplies.snapshot_date
    left join element
        on
            line.body_code = element.body_code
            and line.snapshot_date = element.snapshot_date
            and line.element_code = element.element_code
    left join marked
        on line.element_text = marked.element_text
)

select
    judged.body_code,
    judged.snapshot_date,
    judged.line_key,
    judged.person_key,
    judged.assignment_key,
    judged.counted_key,
    judged.element_code,
    judged.element_class,
    judged.amount_gbp,
    judged.paid_on,
    judged.period_start,
    judged.period_end,
    judged.is_in_period,
    -- Days of the period that the amount was earned on, where both ends are said and one is in it.
    case
        when judged.earned_to >= judged.period_start and judged.earned_from <= judged.period_end
            then least(judged.earned_to, judged.period_end)
            - greatest(judged.earned_from, judged.period_start) + 1
    end as days_earned,
    judged.annual_salary_gbp,
    judged.started_on,
    judged.ended_on,
    -- The pay period of a post whose frequency is not told follows from its length.
    coalesce(
        judged.pay_frequency,
        case
            when judged.period_end - judged.period_start + 1 = 7 then 'week'
            when judged.period_end - judged.period_start + 1 = 14 then 'fortnight'
            when judged.period_end - judged.period_start + 1 = 28
                and month(judged.period_start) <> 2 then 'four_weeks'
            when judged.period_end - judged.period_start + 1 between 28 and 31 then 'month'
        end
    ) as pay_frequency,
    judged.reason,
    judged.reason is null and judged.class_counts_as = 'ordinary' as is_ordinary,
    judged.reason is null and judged.class_counts_as = 'bonus' and judged.is_in_period
        as is_bonus_of_period,
    judged.reason is null and judged.class_counts_as = 'bonus'
    and judged.paid_on <= judged.snapshot_date
    and judged.paid_on > judged.snapshot_date - to_years(cast(parameter.parameter_value as integer))
        as is_bonus_of_year,
    judged.earned_in as bonus_period,
    -- A bonus earned in the pay period itself is not prorated.
    coalesce(judged.bonus_days, periods.days) as bonus_days,
    -- Leave of an earlier period that is taken off late reduces nothing of this one.
    judged.reason is null and judged.reduces_because_of_leave and judged.is_in_period
    and judged.amount_gbp < 0 as reduces_because_of_leave,
    case when judged.is_in_period and judged.reason is null then judged.class_flag end as flag
from judged
cross join ref.pay_parameters as parameter
left join ref.pay_periods as periods
    on judged.earned_in = periods.period
where parameter.parameter = 'bonus_window_years'
