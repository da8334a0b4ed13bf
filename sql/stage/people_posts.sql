-- Grain: one post of one person on one snapshot date.
-- The post in the words of the warehouse: who is an employee, which posts are held on the snapshot
-- date, contracted hours from whichever column says them (averaged over the year for term-time
-- posts), and whether pay was reduced because of leave. counted_key is whom the pay figures count:
-- the person, or the post where the body chose to count contracts.
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
        case
            when choices.jobs = 'contract' then assignment.assignment_key
            else assignment.person_key
        end as counted_key,
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
)

select
    post.body_code,
    post.snapshot_date,
    post.person_key,
    post.assignment_key,
    post.counted_key,
    post.worker_type,
    post.is_employee,
    post.may_be_left_out,
    post.contract_type,
    post.post_kind,
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
    post.grade,
    post.directorate,
    post.is_reduced_because_of_leave,
    row_number() over (
        partition by post.body_code, post.snapshot_date, post.person_key
        order by
            post.is_held and post.is_employee desc,
            post.is_held desc,
            post.post_kind = 'main' desc,
            post.contract_hours desc nulls last,
            post.assignment_key
    ) = 1 as is_main_post
from post
