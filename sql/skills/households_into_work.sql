-- Grain: one group of those who joined in one year, on one base.
-- Supporting measures. Shares are of people whose window is over; the curve of
-- skills.time_to_job uses those whose window is not.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_people')
            as least,
        cast(
            cast(
                max(parameters.parameter_value) filter (where parameters.parameter = 'iod_edition')
                as integer
            ) as varchar
        ) as iod_edition
    from ref.skills_parameters as parameters
),

counted as (
    select
        member.body_code,
        member.financial_year,
        member.breakdown,
        member.breakdown_value,
        member.base,
        count(*) as participants,
        count(*) filter (where member.is_window_closed) as closed_windows,
        count(*) filter (where member.is_window_closed and member.has_entry) as job_entries,
        count(*) filter (where member.is_window_closed and member.has_entry_or_after)
            as entries_with_after,
        count(*) filter (where member.is_13_due) as due_13_weeks,
        count(*) filter (where member.is_13_due and member.is_13_sustained is not null)
            as known_13_weeks,
        count(*) filter (where member.is_13_due and member.is_13_sustained) as sustained_13_weeks,
        count(*) filter (where member.is_26_due) as due_26_weeks,
        count(*) filter (where member.is_26_due and member.is_26_sustained is not null)
            as known_26_weeks,
        count(*) filter (where member.is_26_due and member.is_26_sustained) as sustained_26_weeks,
        count(*) filter (where member.is_placed) as placed,
        count(*) filter (where member.is_placed and member.is_most_deprived) as most_deprived,
        count(*) filter (where member.had_digital) as digital
    from stage.hiw_members as member
    group by
        member.body_code, member.financial_year, member.breakdown, member.breakdown_value,
        member.base
)

select
    counted.body_code,
    counted.financial_year,
    counted.breakdown,
    counted.breakdown_value,
    counted.base,
    counted.participants as participants_rounded,
    counted.closed_windows,
    case when counted.closed_windows >= parameter.least then counted.job_entries end as job_entries,
    case
        when counted.closed_windows >= parameter.least
            then share(counted.job_entries, counted.closed_windows)
    end as job_entry_share,
    case when counted.closed_windows >= parameter.least then counted.entries_with_after end
        as job_entries_with_after,
    case
        when counted.closed_windows >= parameter.least
            then share(counted.entries_with_after, counted.closed_windows)
    end as job_entry_with_after_share,
    counted.due_13_weeks,
    case when counted.due_13_weeks >= parameter.least then counted.known_13_weeks end
        as known_13_weeks,
    case when counted.due_13_weeks >= parameter.least then counted.sustained_13_weeks end
        as sustained_13_weeks,
    case
        when counted.due_13_weeks >= parameter.least
            then share(counted.sustained_13_weeks, counted.due_13_weeks)
    end as sustained_13_weeks_share,
    counted.due_26_weeks,
    case when counted.due_26_weeks >= parameter.least then counted.known_26_weeks end
        as known_26_weeks,
    case when counted.due_26_weeks >= parameter.least then counted.sustained_26_weeks end
        as sustained_26_weeks,
    case
        when counted.due_26_weeks >= parameter.least
            then share(counted.sustained_26_weeks, counted.due_26_weeks)
    end as sustained_26_weeks_share,
    counted.placed,
    case when counted.placed >= parameter.least then counted.most_deprived end as most_deprived,
    case
        when counted.placed >= parameter.least
            then share(counted.most_deprived, counted.placed)
    end as most_deprived_share,
    case when counted.participants >= parameter.least then counted.digital end
        as digital_inclusion,
    case
        when counted.participants >= parameter.least
            then share(counted.digital, counted.participants)
    end as digital_inclusion_share,
    parameter.iod_edition,
    null_reasons(
        [
            [
                'job_entry_share',
                case when counted.closed_windows < parameter.least then 'too_few_people' end
            ],
            [
                'sustained_13_weeks_share',
                case when counted.due_13_weeks < parameter.least then 'too_few_people' end
            ],
            [
                'sustained_26_weeks_share',
                case when counted.due_26_weeks < parameter.least then 'too_few_people' end
            ],
            [
                'most_deprived_share',
                case when counted.placed < parameter.least then 'too_few_people' end
            ],
            [
                'digital_inclusion_share',
                case when counted.participants < parameter.least then 'too_few_people' end
            ]
        ]
    ) as null_reasons
from counted
cross join parameter
