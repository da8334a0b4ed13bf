-- Grain: one person (or contract, where the body counts contracts) of one body on one snapshot date.
-- Everybody in the HR file or with a post: whether a relevant employee, whether on full pay, the
-- hourly rate that enters the figures, the bonus of the year, why not, and what is to be known about
-- the rate. Nobody is left out: who is in no figure stands here with the reason.
with rule as (
    select
        snapshots.snapshot_date,
        arg_max(versions.rule_version, (versions.snapshot_from, versions.rule_version))
            as rule_version,
        arg_max(
            versions.counts_non_binary_by_sex, (versions.snapshot_from, versions.rule_version)
        ) as counts_non_binary_by_sex
    from (
        select post.snapshot_date
        from stage.people_posts as post
        union
        select person.snapshot_date
        from stage.people_persons as person
    ) as snapshots
    inner join ref.pay_rule_versions as versions
        on snapshots.snapshot_date >= versions.snapshot_from
    group by snapshots.snapshot_date
),

-- Whoever is no employee at all: what the first of their posts makes of them, or that there is none.
others as (
    select
        person.body_code,
        person.snapshot_date,
        person.person_key
    from stage.people_persons as person
    union
    select
        post.body_code,
        post.snapshot_date,
        post.person_key
    from stage.people_posts as post
),

no_employee as (
    select
        others.body_code,
        others.snapshot_date,
        others.person_key,
        coalesce(
            arg_min(post.worker_type, (not post.is_main_post, post.assignment_key)), 'no_post'
        ) as reason
    from others
    left join stage.people_posts as post
        on
            others.body_code = post.body_code
            and others.snapshot_date = post.snapshot_date
            and others.person_key = post.person_key
    group by others.body_code, others.snapshot_date, others.person_key
    having not bool_or(coalesce(post.is_employee, false))
),

-- The post that says grade, directorate, hours of a full-time week: the main one.
main_post as (
    select
        post.body_code,
        post.snapshot_date,
        post.counted_key,
        arg_min(post.worker_type, (not post.is_main_post, post.assignment_key)) as worker_type,
        arg_min(post.grade, (not post.is_main_post, post.assignment_key)) as grade,
        arg_min(post.directorate, (not post.is_main_post, post.assignment_key)) as directorate,
        arg_min(post.contract_type, (not post.is_main_post, post.assignment_key))
            as contract_type,
        arg_min(post.hours_vary, (not post.is_main_post, post.assignment_key)) as hours_vary,
        bool_or(post.is_main_post) as is_main,
        max(post.full_time_hours) as full_time_hours,
        min(post.service_from) as service_from,
        bool_or(post.worker_type = 'apprentice') as is_apprentice,
        min(post.started_on) as first_started_on
    from stage.people_posts as post
    where post.is_held
    group by post.body_code, post.snapshot_date, post.counted_key
),

next_post as (
    select
        post.body_code,
        post.snapshot_date,
        post.counted_key,
        bool_or(post.started_on > post.snapshot_date) as starts_later
    from stage.people_posts as post
    where post.is_employee and not post.is_held
    group by post.body_code, post.snapshot_date, post.counted_key
),

counted as (
    select
        rates.body_code,
        rates.snapshot_date,
        rates.counted_key,
        rates.person_key,
        case
            when rates.is_held and rates.is_pay_not_held then 'contractor_pay_not_held'
            when rates.is_held then null
            when next_post.starts_later then 'starts_after_snapshot'
            else 'left_before_snapshot'
        end as out_of_all
    from stage.pay_rates as rates
    left join next_post
        on
            rates.body_code = next_post.body_code
            and rates.snapshot_date = next_post.snapshot_date
            and rates.counted_key = next_post.counted_key
    union all
    select
        no_employee.body_code,
        no_employee.snapshot_date,
        no_employee.person_key as counted_key,
        no_employee.person_key,
        no_employee.reason as out_of_all
    from no_employee
),

judged as (
    select
        counted.body_code,
        counted.snapshot_date,
        counted.counted_key,
        counted.person_key,
        case
            when counted.out_of_all = 'no_post' and not supplies.has_posts then 'posts_not_supplied'
            else counted.out_of_all
        end as out_of_all,
        counted.out_of_all is null as is_relevant,
        counted.out_of_all is null and not rates.is_reduced as is_full_pay,
        person.person_key is not null as is_in_hr_file,
        coalesce(person.sex, 'not_recorded') as sex,
        coalesce(person.gender_identity, 'not_recorded') as gender_identity,
        coalesce(person.ethnicity19, 'not_recorded') as ethnicity19,
        coalesce(person.ethnicity6, 'not_recorded') as ethnicity6,
        coalesce(person.ethnicity5, 'not_recorded') as ethnicity5,
        coalesce(person.disability, 'not_recorded') as disability,
        coalesce(person.age_band, 'not_recorded') as age_band,
        coalesce(person.orientation, 'not_recorded') as orientation,
        coalesce(person.religion, 'not_recorded') as religion,
        coalesce(person.marriage_or_civil_partnership, 'not_recorded')
            as marriage_or_civil_partnership,
        coalesce(person.home_imd_decile, 'not_recorded') as home_imd_decile,
        coalesce(main_post.grade, 'not_recorded') as grade,
        coalesce(main_post.directorate, 'not_recorded') as directorate,
        coalesce(main_post.contract_type, 'not_recorded') as contract_type,
        coalesce(main_post.is_apprentice, false) as is_apprentice,
        working_pattern(
            main_post.hours_vary, rates.contracted_or_worked_hours, main_post.full_time_hours
        ) as working_pattern,
        coalesce(main_post.is_main, true) as is_main_contract,
        coalesce(main_post.hours_vary, false) as hours_vary,
        rates.contracted_or_worked_hours as contract_hours,
        main_post.full_time_hours,
        cast(date_diff('day', main_post.service_from, counted.snapshot_date) as double) / periods.days
            as tenure_years,
        rates.ordinary_gbp,
        rates.bonus_of_period_gbp,
        rates.weekly_pay_gbp,
        rates.weekly_hours,
        rates.literal_rate_gbp,
        rates.normalised_rate_gbp,
        rates.bonus_gbp,
        rates.is_paid_bonus,
        rates.posts_held,
        rates.hours_methods,
        rates.is_reduced,
        rates.is_part_period,
        rates.is_vendor_rate,
        rates.has_override,
        rates.has_months,
        rates.has_ended_post,
        rates.has_strike,
        rates.has_sacrifice,
        rates.is_bonus_reversed,
        supplies.no_pay_figures_because is null as has_pay_figures,
        case
            when supplies.no_pay_figures_because is not null then supplies.no_pay_figures_because
            when rates.is_vendor_rate and rates.literal_rate_gbp is null then 'hours_missing'
            when rates.is_vendor_rate and rates.literal_rate_gbp < 0 then 'negative_pay'
            when rates.is_vendor_rate and rates.literal_rate_gbp = 0 then 'zero_pay'
            when rates.is_vendor_rate then null
            when rates.has_missing_hours then 'hours_missing'
            when rates.has_unknown_period then 'period_unknown'
            when rates.has_bonus_without_period then 'bonus_period_unknown'
            when rates.weekly_hours is null or rates.has_paid_post_without_hours
                then 'no_hours_in_look_back'
            when rates.paying_lines = 0 then 'no_pay_line'
            when rates.weekly_pay_gbp < 0 then 'negative_pay'
            when rates.weekly_pay_gbp = 0 then 'zero_pay'
        end as rate_reason,
        rule.rule_version,
        rule.counts_non_binary_by_sex,
        choices.options,
        choices.part_period
    from counted
    inner join rule
        on counted.snapshot_date = rule.snapshot_date
    inner join stage.people_supplies as supplies
        on
            counted.body_code = supplies.body_code
            and counted.snapshot_date = supplies.snapshot_date
    cross join ref.pay_periods as periods
    left join stage.pay_choices as choices
        on counted.body_code = choices.body_code
    left join stage.people_persons as person
        on
            counted.body_code = person.body_code
            and counted.snapshot_date = person.snapshot_date
            and counted.person_key = person.person_key
    left join stage.pay_rates as rates
        on
            counted.body_code = rates.body_code
            and counted.snapshot_date = rates.snapshot_date
            and counted.counted_key = rates.counted_key
    left join main_post
        on
            counted.body_code = main_post.body_code
            and counted.snapshot_date = main_post.snapshot_date
            and counted.counted_key = main_post.counted_key
    where periods.period = 'year'
),

decided as (
    select
        judged.*,
        judged.is_full_pay and judged.rate_reason is null as has_rate,
        judged.sex = 'not_recorded' as is_sex_missing,
        judged.gender_identity = 'non_binary' and not judged.counts_non_binary_by_sex
            as is_left_out_of_sex
    from judged
)

select
    decided.body_code,
    decided.snapshot_date,
    decided.counted_key as person_key,
    decided.person_key as hr_person_key,
    decided.sex,
    case
        when decided.is_sex_missing or decided.is_left_out_of_sex then null
        else decided.sex
    end as sex_in_figures,
    decided.gender_identity,
    decided.ethnicity19,
    decided.ethnicity6,
    decided.ethnicity5,
    decided.disability,
    decided.age_band,
    decided.orientation,
    decided.religion,
    decided.marriage_or_civil_partnership,
    decided.home_imd_decile,
    decided.grade,
    decided.directorate,
    decided.working_pattern,
    decided.is_main_contract,
    decided.hours_vary,
    decided.contract_hours,
    decided.full_time_hours,
    decided.tenure_years,
    decided.contract_type,
    decided.is_apprentice,
    decided.is_relevant,
    decided.is_full_pay,
    decided.has_pay_figures,
    case
        when not decided.has_rate then null
        when decided.part_period = 'normalised'
            then coalesce(decided.normalised_rate_gbp, decided.literal_rate_gbp)
        else decided.literal_rate_gbp
    end as hourly_rate_gbp,
    decided.literal_rate_gbp,
    decided.normalised_rate_gbp,
    decided.ordinary_gbp,
    decided.bonus_of_period_gbp,
    decided.weekly_hours,
    decided.hours_methods,
    case when decided.is_relevant then decided.bonus_gbp else 0 end as bonus_gbp,
    coalesce(decided.is_relevant and decided.is_paid_bonus, false) as paid_bonus,
    list_filter(
        [
            decided.out_of_all,
            case
                when decided.is_relevant and decided.is_reduced then 'reduced_pay_because_of_leave'
            end,
            case when decided.is_full_pay then decided.rate_reason end,
            case when decided.is_relevant and decided.is_sex_missing then 'sex_not_recorded' end,
            case
                when decided.is_relevant and decided.is_left_out_of_sex
                    and not decided.is_sex_missing then 'non_binary_before_2026'
            end
        ],
        lambda reason: reason is not null
    ) as exclusion_reasons,
    list_filter(
        [
            case when not decided.is_in_hr_file then 'not_in_hr_file' end,
            case when decided.is_relevant and decided.posts_held > 1 then 'several_posts' end,
            case when decided.has_rate and decided.is_part_period then 'part_period' end,
            case when decided.has_rate and decided.has_strike then 'strike_deduction' end,
            case when decided.has_rate and decided.has_sacrifice then 'salary_sacrifice' end,
            case when decided.has_rate and decided.has_ended_post then 'pay_of_ended_post' end,
            case
                when decided.has_rate and contains(decided.hours_methods, 'term_time_average')
                    then 'term_time_average_hours'
            end,
            case
                when decided.has_rate and contains(decided.hours_methods, 'fair_representation')
                    then 'fair_representation_hours'
            end,
            case
                when decided.has_rate and contains(decided.hours_methods, 'look_back_too_short')
                    then 'look_back_too_short'
            end,
            case
                when decided.has_rate and contains(decided.hours_methods, 'contract_expectation')
                    then 'contract_expectation_hours'
            end,
            case when decided.has_rate and decided.has_months then 'monthly_average_hours' end,
            case when decided.has_rate and decided.is_vendor_rate then 'rate_of_payroll_system' end,
            case when decided.has_rate and decided.has_override then 'put_right_by_hand' end,
            case
                when decided.is_relevant and decided.is_bonus_reversed then 'bonus_reversed'
            end
        ],
        lambda flag: flag is not null
    ) as flags,
    decided.rule_version,
    decided.options
from decided
