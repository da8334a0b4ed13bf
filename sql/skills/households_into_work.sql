-- Grain: one group of those who joined in one year, on one base.
-- Supporting measures. Shares are of people whose window is over; the curve of
-- skills.time_to_job uses those whose window is not. Sustained work is of those whose status is known,
-- where these are most of who is due; beside it stands how low and how high it may lie.
-- in_open_table names the rows that the open table has: all who joined in a year that is over. What
-- became of them it tells when every window of the year is over (outcome_state), and does not change.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_people')
            as least,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_known_share')
            as least_known,
        cast(
            sum(parameters.parameter_value) filter (
                where parameters.parameter in ('entry_months', 'after_months')
            ) as integer
        ) as window_months,
        cast(
            cast(
                max(parameters.parameter_value) filter (where parameters.parameter = 'iod_edition')
                as integer
            ) as varchar
        ) as iod_edition
    from ref.skills_parameters as parameters
),

extract as (
    select
        participant.body_code,
        max(participant.extract_date) as extract_date
    from stage.hiw_participants as participant
    group by participant.body_code
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
        case when count(member.had_digital) > 0 then count(*) filter (where member.had_digital) end
            as digital
    from stage.hiw_members as member
    group by
        member.body_code, member.financial_year, member.breakdown, member.breakdown_value,
        member.base
),

dated as (
    select
        counted.*,
        case
            when counted.due_13_weeks < parameter.least then 'too_few_people'
            when counted.known_13_weeks = 0 then 'not_supplied'
            when counted.known_13_weeks < parameter.least_known * counted.due_13_weeks
                then 'not_evidenced'
            when counted.known_13_weeks < parameter.least then 'too_few_people'
        end as reason_13_weeks,
        case
            when counted.due_26_weeks < parameter.least then 'too_few_people'
            when counted.known_26_weeks = 0 then 'not_supplied'
            when counted.known_26_weeks < parameter.least_known * counted.due_26_weeks
                then 'not_evidenced'
            when counted.known_26_weeks < parameter.least then 'too_few_people'
        end as reason_26_weeks,
        extract.extract_date,
        make_date(
            try_cast(left(counted.financial_year, 4) as integer) + 1,
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) - 1 as year_end
    from counted
    cross join parameter
    cross join site.settings as settings
    left join extract
        on counted.body_code = extract.body_code
)

select
    dated.body_code,
    dated.financial_year,
    dated.breakdown,
    dated.breakdown_value,
    dated.base,
    dated.participants as participants_rounded,
    dated.closed_windows,
    case when dated.closed_windows >= parameter.least then dated.job_entries end as job_entries,
    case
        when dated.closed_windows >= parameter.least
            then share(dated.job_entries, dated.closed_windows)
    end as job_entry_share,
    case when dated.closed_windows >= parameter.least then dated.entries_with_after end
        as job_entries_with_after,
    case
        when dated.closed_windows >= parameter.least
            then share(dated.entries_with_after, dated.closed_windows)
    end as job_entry_with_after_share,
    dated.due_13_weeks,
    case when dated.due_13_weeks >= parameter.least then dated.known_13_weeks end
        as known_13_weeks,
    case when dated.reason_13_weeks is null then dated.sustained_13_weeks end
        as sustained_13_weeks,
    case
        when dated.reason_13_weeks is null
            then share(dated.sustained_13_weeks, dated.known_13_weeks)
    end as sustained_13_weeks_share,
    case
        when dated.due_13_weeks >= parameter.least
            then share(dated.sustained_13_weeks, dated.due_13_weeks)
    end as sustained_13_weeks_share_low,
    case
        when dated.due_13_weeks >= parameter.least
            then share(
                dated.sustained_13_weeks + dated.due_13_weeks - dated.known_13_weeks,
                dated.due_13_weeks
            )
    end as sustained_13_weeks_share_high,
    dated.due_26_weeks,
    case when dated.due_26_weeks >= parameter.least then dated.known_26_weeks end
        as known_26_weeks,
    case when dated.reason_26_weeks is null then dated.sustained_26_weeks end
        as sustained_26_weeks,
    case
        when dated.reason_26_weeks is null
            then share(dated.sustained_26_weeks, dated.known_26_weeks)
    end as sustained_26_weeks_share,
    case
        when dated.due_26_weeks >= parameter.least
            then share(dated.sustained_26_weeks, dated.due_26_weeks)
    end as sustained_26_weeks_share_low,
    case
        when dated.due_26_weeks >= parameter.least
            then share(
                dated.sustained_26_weeks + dated.due_26_weeks - dated.known_26_weeks,
                dated.due_26_weeks
            )
    end as sustained_26_weeks_share_high,
    dated.placed,
    case when dated.placed >= parameter.least then dated.most_deprived end as most_deprived,
    case
        when dated.placed >= parameter.least
            then share(dated.most_deprived, dated.placed)
    end as most_deprived_share,
    case when dated.participants >= parameter.least then dated.digital end
        as digital_inclusion,
    case
        when dated.participants >= parameter.least
            then share(dated.digital, dated.participants)
    end as digital_inclusion_share,
    parameter.iod_edition,
    null_reasons(
        [
            [
                'job_entry_share',
                case when dated.closed_windows < parameter.least then 'too_few_people' end
            ],
            ['sustained_13_weeks_share', dated.reason_13_weeks],
            ['sustained_26_weeks_share', dated.reason_26_weeks],
            [
                'most_deprived_share',
                case when dated.placed < parameter.least then 'too_few_people' end
            ],
            [
                'digital_inclusion_share',
                case
                    when dated.digital is null then 'not_supplied'
                    when dated.participants < parameter.least then 'too_few_people'
                end
            ]
        ]
    ) as null_reasons,
    case
        when
            cast(dated.year_end + to_months(parameter.window_months) as date)
            <= dated.extract_date
            then 'final'
        else 'windows_open'
    end as outcome_state,
    coalesce(dated.breakdown = 'all' and dated.year_end <= dated.extract_date, false)
        as in_open_table,
    cast(null as varchar) as withheld
from dated
cross join parameter
