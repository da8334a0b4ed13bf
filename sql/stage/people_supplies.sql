-- Grain: one body on one snapshot date.
-- What HR and payroll sent of a snapshot, and whether pay figures can be made of it. They need posts,
-- pay with what its elements are, the hours of those whose hours vary, and who was paid less because of
-- leave: without the last, people who were paid half would count as people of low pay. A summary of the
-- payroll system says all that itself. HR says that nobody was on leave by a total of nought.
with snapshots as (
    select
        person.body_code,
        person.snapshot_date
    from raw.people_person as person
    union
    select
        assignment.body_code,
        assignment.snapshot_date
    from raw.people_assignment as assignment
    union
    select
        pay.body_code,
        pay.snapshot_date
    from raw.people_pay_lines as pay
    union
    select
        pay.body_code,
        pay.snapshot_date
    from raw.people_pay_summary as pay
),

supply as (
    select
        snapshots.body_code,
        snapshots.snapshot_date,
        exists (
            select 1
            from raw.people_assignment as assignment
            where
                assignment.body_code = snapshots.body_code
                and assignment.snapshot_date = snapshots.snapshot_date
        ) as has_posts,
        exists (
            select 1
            from raw.people_pay_lines as pay
            where
                pay.body_code = snapshots.body_code
                and pay.snapshot_date = snapshots.snapshot_date
        ) as has_pay_lines,
        exists (
            select 1
            from raw.people_pay_summary as pay
            where
                pay.body_code = snapshots.body_code
                and pay.snapshot_date = snapshots.snapshot_date
        ) as has_pay_summaries,
        exists (
            select 1
            from raw.people_element_map as element_map
            where element_map.body_code = snapshots.body_code
        ) as has_element_map,
        exists (
            select 1
            from raw.people_assignment as assignment
            where
                assignment.body_code = snapshots.body_code
                and assignment.snapshot_date = snapshots.snapshot_date
                and assignment.hours_vary
        ) as has_varying_hours,
        exists (
            select 1
            from raw.people_weekly_hours as weeks
            where
                weeks.body_code = snapshots.body_code
                and weeks.snapshot_date = snapshots.snapshot_date
        ) as has_weekly_hours,
        exists (
            select 1
            from raw.people_absence as absence
            where
                absence.body_code = snapshots.body_code
                and absence.snapshot_date = snapshots.snapshot_date
        )
        or exists (
            select 1
            from raw.people_control_totals as total
            where
                total.body_code = snapshots.body_code
                and total.snapshot_date = snapshots.snapshot_date
                and total.measure = 'leave'
                and total.total = 0
        ) as has_leave,
        exists (
            select 1
            from raw.people_person as person
            where
                person.body_code = snapshots.body_code
                and person.snapshot_date = snapshots.snapshot_date
                and person.home_place_status <> 'missing'
        ) as has_homes
    from snapshots
)

select
    supply.body_code,
    supply.snapshot_date,
    supply.has_posts,
    supply.has_pay_lines,
    supply.has_pay_summaries,
    supply.has_element_map,
    supply.has_varying_hours,
    supply.has_weekly_hours,
    supply.has_leave,
    supply.has_homes,
    case
        when not supply.has_posts then 'posts_not_supplied'
        when not supply.has_pay_lines and not supply.has_pay_summaries then 'pay_not_supplied'
        when supply.has_pay_lines and not supply.has_element_map then 'elements_not_supplied'
        when supply.has_pay_lines and supply.has_varying_hours and not supply.has_weekly_hours
            then 'hours_not_supplied'
        when supply.has_pay_lines and not supply.has_leave then 'leave_not_supplied'
    end as no_pay_figures_because
from supply
