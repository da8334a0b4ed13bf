-- Grain: one post of one person on one snapshot date.
-- The post in the words of the warehouse: who is an employee, which posts are held on the snapshot
-- date, contracted hours from whichever column says them (averaged over the year for term-time
-- posts), and whether pay was reduced because of leave. counted_key is whom the pay figures count:
-- the person, or the contract where the body chose to count contracts. Then acting up is part of the
-- contract whose hours it is paid for, a post that is not held of the one that followed it the next
-- day, or else of the main one; and who holds no post, or whose rate the payroll system gives for
-- the person as a whole, counts once.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'weeks_per_year')
            as weeks_per_year,
        max(parameters.parameter_value) filter (where parameters.parameter = 'whole_year_weeks')
            as whole_year_weeks
    from ref.pay_parameters as parameters
),

post as (
    select
        assignment.body_code,
        assignment.snapshot_date,
        assignment.person_key,
        assignment.assignment_key,
        coalesce(choices.jobs = 'contract', false) as counts_contracts,
        lower(assignment.worker_type) as worker_type,
        coalesce(worker_types.is_employee, false) as is_employee,
        coalesce(worker_types.may_be_left_out, false) as may_be_left_out,
        coalesce(lower(assignment.contract_type), 'not_recorded') as contract_type,
        coalesce(lower(assignment.post_kind), 'main') as post_kind,
        lower(assignment.pay_frequency) as pay_frequency,
        assignment.started_on,
        assignment.ended_on,
        coalesce(assignment.continuous_service_from, assignment.started_on) as service_from,
        assignment.started_on <= assignment.snapshot_date
        and coalesce(assignment.ended_on >= assignment.snapshot_date, true) as is_held,
        coalesce(assignment.hours_vary, false) as hours_vary,
        coalesce(
            cast(assignment.weekly_hours as double),
            cast(assignment.weekly_hours_hundredths as double) / 100,
            clock_hours(assignment.weekly_hours_clock)
        ) as contract_hours,
        coalesce(assignment.weeks_per_year < parameter.whole_year_weeks, false) as is_term_time,
        cast(assignment.weeks_per_year as double) / cast(parameter.weeks_per_year as double)
            as year_share,
        cast(assignment.full_time_hours as double) as full_time_hours,
        cast(assignment.annual_salary_gbp as double) as annual_salary_gbp,
        coalesce(assignment.grade, 'not_recorded') as grade,
        coalesce(assignment.directorate, 'not_recorded') as directorate,
        coalesce(absence.reduced_pay_because_of_leave, false) as is_reduced_because_of_leave
    from raw.people_assignment as assignment
    cross join parameter
    left join ref.pay_worker_types as worker_types
        on lower(assignment.worker_type) = worker_types.worker_type
    left join stage.pay_choices as choices
        on assignment.body_code = choices.body_code
    left join raw.people_absence as absence
        on
            assignment.body_code = absence.body_code
            and assignment.snapshot_date = absence.snapshot_date
            and assignment.person_key = absence.person_key
            and assignment.assignment_key = absence.assignment_key
),

ranked as (
    select
        post.*,
        row_number() over (
            partition by post.body_code, post.snapshot_date, post.person_key
            order by
                post.is_held and post.is_employee desc,
                post.is_held desc,
                post.post_kind = 'main' desc,
                post.post_kind = 'acting_up',
                post.contract_hours desc nulls last,
                post.assignment_key
        ) as post_rank
    from post
),

main_post as (
    select
        ranked.body_code,
        ranked.snapshot_date,
        ranked.person_key,
        ranked.assignment_key,
        ranked.is_held and ranked.is_employee as is_held_by_employee
    from ranked
    where ranked.post_rank = 1
),

-- The post that began the day after another ended.
successor as (
    select
        earlier.body_code,
        earlier.snapshot_date,
        earlier.person_key,
        earlier.assignment_key,
        arg_min(later.assignment_key, (later.post_rank, later.assignment_key)) as followed_by
    from ranked as earlier
    inner join ranked as later
        on
            earlier.body_code = later.body_code
            and earlier.snapshot_date = later.snapshot_date
            and earlier.person_key = later.person_key
            and earlier.ended_on + 1 = later.started_on
            and later.is_held
            and later.is_employee
            and later.post_kind <> 'acting_up'
    where not earlier.is_held
    group by
        earlier.body_code, earlier.snapshot_date, earlier.person_key, earlier.assignment_key
),

-- Of whom the payroll system gives one rate, for all posts together, and no line of the period.
paid_by_summary as (
    select
        pay.body_code,
        pay.snapshot_date,
        pay.person_key
    from raw.people_pay_summary as pay
    anti join raw.people_pay_lines as line
        on
            pay.body_code = line.body_code
            and pay.snapshot_date = line.snapshot_date
            and pay.person_key = line.person_key
            and coalesce(
                line.in_snapshot_period,
                line.snapshot_date between line.period_start and line.period_end
            )
)

select
    post.body_code,
    post.snapshot_date,
    post.person_key,
    post.assignment_key,
    case
        when not post.counts_contracts then post.person_key
        when not main_post.is_held_by_employee or paid_by_summary.person_key is not null
            then post.person_key
        when not post.is_held then coalesce(successor.followed_by, main_post.assignment_key)
        when post.post_kind = 'acting_up' then main_post.assignment_key
        else post.assignment_key
    end as counted_key,
    post.worker_type,
    post.is_employee,
    post.may_be_left_out,
    post.contract_type,
    post.post_kind,
    -- Acting up alone is paid for its own hours.
    post.post_kind = 'acting_up' and post.post_rank > 1 and main_post.is_held_by_employee
        as has_hours_of_another,
    post.pay_frequency,
    post.started_on,
    post.ended_on,
    post.service_from,
    post.is_held,
    post.hours_vary,
    post.contract_hours,
    post.is_term_time,
    case
        when post.is_term_time then post.contract_hours * post.year_share
        else post.contract_hours
    end as year_round_hours,
    post.full_time_hours,
    post.annual_salary_gbp,
    post.grade,
    post.directorate,
    post.is_reduced_because_of_leave,
    post.post_rank = 1 as is_main_post
from ranked as post
inner join main_post
    on
        post.body_code = main_post.body_code
        and post.snapshot_date = main_post.snapshot_date
        and post.person_key = main_post.person_key
left join successor
    on
        post.body_code = successor.body_code
        and post.snapshot_date = successor.snapshot_date
        and post.person_key = successor.person_key
        and post.assignment_key = successor.assignment_key
left join paid_by_summary
    on
        post.body_code = paid_by_summary.body_code
        and post.snapshot_date = paid_by_summary.snapshot_date
        and post.person_key = paid_by_summary.person_key
