-- Grain: one body on one snapshot date.
-- What HR and payroll sent of a snapshot, and whether pay figures can be made of it. They need posts,
-- pay with what its elements are, the hours of those whose hours vary, and who was paid less because of
-- leave: without the last, people who were paid half would count as people of low pay. A summary of the
-- payroll system says all that itself. HR says that nobody was on leave by a total of nought.
with sent as (
    select
        person.body_code,
        person.snapshot_date,
        'people' as what
    from raw.people_person as person
    union
    select
        person.body_code,
        person.snapshot_date,
        'homes' as what
    from raw.people_person as person
    where person.home_place_status <> 'missing'
    union
    select
        assignment.body_code,
        assignment.snapshot_date,
        unnest(if(assignment.hours_vary, ['posts', 'varying_hours'], ['posts'])) as what
    from raw.people_assignment as assignment
    union
    select
        pay.body_code,
        pay.snapshot_date,
        'pay_lines' as what
    from raw.people_pay_lines as pay
    union
    select
        pay.body_code,
        pay.snapshot_date,
        'pay_summaries' as what
    from raw.people_pay_summary as pay
    union
    select
        weeks.body_code,
        weeks.snapshot_date,
        'weekly_hours' as what
    from raw.people_weekly_hours as weeks
    union
    select
        absence.body_code,
        absence.snapshot_date,
        'leave' as what
    from raw.people_absence as absence
    union
    select
        total.body_code,
        total.snapshot_date,
        'leave' as what
    from raw.people_control_totals as total
    where total.measure = 'leave' and total.total = 0
),

supply as (
    select
        sent.body_code,
        sent.snapshot_date,
        bool_or(sent.what = 'posts') as has_posts,
        bool_or(sent.what = 'pay_lines') as has_pay_lines,
        bool_or(sent.what = 'pay_summaries') as has_pay_summaries,
        bool_or(sent.what = 'varying_hours') as has_varying_hours,
        bool_or(sent.what = 'weekly_hours') as has_weekly_hours,
        bool_or(sent.what = 'leave') as has_leave,
        bool_or(sent.what = 'homes') as has_homes
    from sent
    group by sent.body_code, sent.snapshot_date
),

mapped as (
    select element_map.body_code
    from raw.people_element_map as element_map
    group by element_map.body_code
)

select
    supply.body_code,
    supply.snapshot_date,
    supply.has_posts,
    supply.has_pay_lines,
    supply.has_pay_summaries,
    mapped.body_code is not null as has_element_map,
    supply.has_varying_hours,
    supply.has_weekly_hours,
    supply.has_leave,
    supply.has_homes,
    case
        when not supply.has_posts then 'posts_not_supplied'
        when not supply.has_pay_lines and not supply.has_pay_summaries then 'pay_not_supplied'
        when supply.has_pay_lines and mapped.body_code is null then 'elements_not_supplied'
        when supply.has_pay_lines and supply.has_varying_hours and not supply.has_weekly_hours
            then 'hours_not_supplied'
        when supply.has_pay_lines and not supply.has_leave then 'leave_not_supplied'
    end as no_pay_figures_because
from supply
left join mapped
    on supply.body_code = mapped.body_code
