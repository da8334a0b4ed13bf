-- Grain: one group of one characteristic at one stage, of one body in one year.
-- Applications of campaigns that were closed in the year, by stage and group; and, in a row of its
-- own, those of campaigns that are still open, whose outcomes are not known. Beside the applications
-- stand the people who made them, and of homes the residents they would be as many as if home made no
-- difference.
-- in_open_table names the rows that the open table has; is_shown those of them whose figures it shows.
with parameter as (
    select cast(cast(max(parameters.parameter_value) as integer) as varchar) as iod_edition
    from ref.pay_parameters as parameters
    where parameters.parameter = 'home_iod_edition'
),

every_row as (
    select
        cells.body_code,
        cells.financial_year,
        cells.characteristic,
        cells.group_level,
        cells.group_code,
        cells.group_label,
        cells.is_known,
        cells.stage,
        cells.previous_stage,
        cells.reference_group,
        cells.applications,
        cells.candidates,
        cells.previous_applications,
        cells.reference_applications,
        cells.reference_previous_applications,
        cells.known,
        cells.everybody,
        cells.share_of_stage,
        cells.share_of_all,
        cells.declaration_rate,
        cells.rate_from_previous_stage,
        cells.relative_likelihood,
        cells.ci_low,
        cells.ci_high,
        cells.four_fifths_flag,
        cast(null as varchar) as reason
    from stage.recruitment_cells as cells
    union all
    select
        application.body_code,
        application.applied_year as financial_year,
        'all' as characteristic,
        'total' as group_level,
        'all' as group_code,
        'Applications of open campaigns' as group_label,
        false as is_known,
        'in_open_campaign' as stage,
        '' as previous_stage,
        '' as reference_group,
        count(*) as applications,
        count(distinct application.candidate_key) as candidates,
        cast(null as bigint) as previous_applications,
        cast(null as bigint) as reference_applications,
        cast(null as bigint) as reference_previous_applications,
        cast(null as bigint) as known,
        cast(null as bigint) as everybody,
        cast(null as double) as share_of_stage,
        cast(null as double) as share_of_all,
        cast(null as double) as declaration_rate,
        cast(null as double) as rate_from_previous_stage,
        cast(null as double) as relative_likelihood,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as boolean) as four_fifths_flag,
        cast(null as varchar) as reason
    from stage.recruitment_applications as application
    where application.financial_year is null
    group by application.body_code, application.applied_year
    union all
    select
        cells.body_code,
        cells.financial_year,
        characteristics.characteristic,
        'group' as group_level,
        'all' as group_code,
        characteristics.characteristic_label as group_label,
        false as is_known,
        'applied' as stage,
        '' as previous_stage,
        '' as reference_group,
        cast(null as bigint) as applications,
        cast(null as bigint) as candidates,
        cast(null as bigint) as previous_applications,
        cast(null as bigint) as reference_applications,
        cast(null as bigint) as reference_previous_applications,
        cast(null as bigint) as known,
        cast(null as bigint) as everybody,
        cast(null as double) as share_of_stage,
        cast(null as double) as share_of_all,
        cast(null as double) as declaration_rate,
        cast(null as double) as rate_from_previous_stage,
        cast(null as double) as relative_likelihood,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as boolean) as four_fifths_flag,
        'not_collected' as reason
    from stage.recruitment_cells as cells
    cross join ref.people_characteristics as characteristics
    where
        cells.group_level = 'total' and cells.stage = 'applied'
        and characteristics.in_recruitment and characteristics.not_collected
),

-- Those of unknown group, where they are nobody or enough to be shown.
unknown as (
    select
        groups.body_code,
        groups.financial_year,
        groups.characteristic,
        groups.stage,
        groups.is_open or groups.applications = 0 as may_be_told,
        groups.is_open
    from stage.recruitment_open_groups as groups
    where not groups.is_known
),

-- All applications of a stage, and those of the stage shown before that did not reach it.
totals as (
    select
        cells.body_code,
        cells.financial_year,
        cells.stage,
        cells.applications,
        lag(cells.applications) over (
            partition by cells.body_code, cells.financial_year
            order by case cells.stage when 'applied' then 1 when 'shortlisted' then 2 else 3 end
        ) as before
    from stage.recruitment_cells as cells
    where
        cells.group_level = 'total' and cells.stage in ('applied', 'shortlisted', 'appointed')
),

least as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as least_shown
    from ref.pay_parameters as parameters
)

select
    every_row.body_code,
    every_row.financial_year,
    every_row.characteristic,
    every_row.group_level,
    every_row.group_code as characteristic_group,
    every_row.group_label,
    case when every_row.characteristic = 'home_imd_decile' then parameter.iod_edition end
        as iod_edition,
    every_row.stage,
    every_row.previous_stage,
    every_row.reference_group,
    every_row.applications as count_rounded,
    every_row.candidates as people_rounded,
    every_row.previous_applications as previous_stage_rounded,
    every_row.reference_applications as reference_rounded,
    every_row.reference_previous_applications as reference_previous_stage_rounded,
    case when unknown.may_be_told and every_row.is_known then every_row.known end as known_rounded,
    every_row.everybody as everybody_rounded,
    every_row.share_of_stage,
    every_row.share_of_all,
    every_row.declaration_rate,
    every_row.rate_from_previous_stage,
    case when every_row.reference_group <> '' then every_row.relative_likelihood end
        as relative_likelihood,
    case when every_row.reference_group <> '' then every_row.ci_low end as ci_low,
    case when every_row.reference_group <> '' then every_row.ci_high end as ci_high,
    every_row.four_fifths_flag,
    residents.residents,
    residents.residents_share,
    every_row.share_of_stage / nullif(residents.residents_share, 0) as parity_ratio,
    every_row.stage in ('applied', 'shortlisted', 'appointed') and (
        every_row.is_known or every_row.group_level <> 'group' or every_row.applications is null
    ) as in_open_table,
    case
        when every_row.applications is null then true
        when every_row.group_level = 'total'
            then coalesce(
                totals.applications >= least.least_shown
                and coalesce(totals.before - totals.applications >= least.least_shown, true),
                false
            )
        when every_row.group_level = 'declared' then coalesce(unknown.is_open, false)
        else coalesce(groups.is_open, false)
    end as is_shown,
    cast(null as varchar) as withheld,
    null_reasons(
        [
            ['count_rounded', every_row.reason],
            [
                'share_of_stage',
                case
                    when every_row.is_known and every_row.share_of_stage is null then 'zero_base'
                    when every_row.share_of_stage is null then coalesce(every_row.reason, 'not_applicable')
                end
            ],
            [
                'rate_from_previous_stage',
                case
                    when every_row.rate_from_previous_stage is not null then null
                    when every_row.previous_stage = ''
                        then coalesce(every_row.reason, 'not_applicable')
                    else 'zero_base'
                end
            ],
            [
                'relative_likelihood',
                case
                    when every_row.reference_group = ''
                        then coalesce(every_row.reason, 'not_applicable')
                    when every_row.relative_likelihood is not null then null
                    when every_row.rate_from_previous_stage = 0 then 'nobody_passed'
                    else 'zero_base'
                end
            ],
            [
                'parity_ratio',
                case
                    when
                        not every_row.is_known
                        or every_row.characteristic not in ('home_imd_decile', 'home_district')
                        then null
                    when residents.residents_share is null then 'not_supplied'
                    when residents.residents_share = 0 then 'no_residents'
                    when every_row.share_of_stage is null then 'zero_base'
                end
            ]
        ]
    ) as null_reasons
from every_row
cross join parameter
cross join least
left join unknown
    on
        every_row.body_code = unknown.body_code
        and every_row.financial_year = unknown.financial_year
        and every_row.characteristic = unknown.characteristic
        and every_row.stage = unknown.stage
left join stage.recruitment_open_groups as groups
    on
        every_row.body_code = groups.body_code
        and every_row.financial_year = groups.financial_year
        and every_row.characteristic = groups.characteristic
        and every_row.group_code = groups.group_code
        and every_row.stage = groups.stage
left join totals
    on
        every_row.body_code = totals.body_code
        and every_row.financial_year = totals.financial_year
        and every_row.stage = totals.stage
left join stage.recruitment_residents as residents
    on
        every_row.characteristic = residents.characteristic
        and every_row.group_code = residents.group_code
        and every_row.group_level = 'group'
