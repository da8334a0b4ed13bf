-- Grain: one group of learners of one provider, or all, in one academic year.
-- A learner of two quintiles, who moved between two starts, counts in both and once in all. No share of
-- a year is told before its final return is in (outcome_state).
-- in_open_table names the rows that the open table has: all, and of years that are final the providers
-- and the quintiles of all.
-- is_shown those of them whose figures it shows: enough learners, and enough of them who achieved and
-- who did not; of quintiles all five or none; of providers those that leave nobody or enough people.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_people')
            as least,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_open_base')
            as least_open_base,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'deprived_deciles')
            as integer
        ) as deprived_deciles
    from ref.skills_parameters as parameters
),

aim as (
    select
        aims.body_code,
        aims.academic_year,
        aims.learner_key,
        aims.imd_decile,
        aims.place_status,
        aims.is_due,
        aims.is_awaited,
        aims.is_achieved,
        aims.iod_edition,
        aims.funding_basis,
        unnest([coalesce(provider.provider_name, aims.provider_ukprn), 'all']) as provider_name,
        unnest([aims.provider_ukprn, 'all']) as provider_ukprn,
        coalesce(aims.lad_code, aims.place_status) as lad,
        coalesce(cast(aims.imd_quintile as varchar), aims.place_status) as imd_quintile,
        aims.age_band
    from stage.skills_aims as aims
    left join stage.skills_providers as provider
        on
            aims.body_code = provider.body_code
            and aims.academic_year = provider.academic_year
            and aims.provider_ukprn = provider.provider_ukprn
),

in_groups as (
    select
        aim.*,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {'breakdown': 'imd_quintile', 'value': aim.imd_quintile},
                {'breakdown': 'lad', 'value': aim.lad},
                {'breakdown': 'age_band', 'value': aim.age_band}
            ]
        ) as cell
    from aim
),

counted as (
    select
        in_groups.body_code,
        in_groups.academic_year,
        in_groups.cell.breakdown as breakdown,
        in_groups.cell.value as breakdown_value,
        in_groups.provider_name,
        max(in_groups.provider_ukprn) as provider_ukprn,
        count(distinct in_groups.learner_key) as learners,
        count(distinct in_groups.learner_key) filter (where in_groups.place_status = 'placed')
            as placed,
        count(distinct in_groups.learner_key) filter (
            where in_groups.imd_decile <= parameter.deprived_deciles
        ) as most_deprived,
        count(*) filter (where in_groups.is_due) as aims_due,
        count(*) filter (where in_groups.is_awaited) as aims_awaited,
        count(*) filter (where in_groups.is_due and in_groups.is_achieved) as achieved,
        count(distinct in_groups.learner_key) filter (
            where in_groups.is_due and in_groups.is_achieved
        ) as achievers,
        count(distinct in_groups.learner_key) filter (
            where in_groups.is_due and not in_groups.is_achieved
        ) as others_due,
        max(in_groups.iod_edition) as iod_edition,
        max(in_groups.funding_basis) as funding_basis,
        max(parameter.least) as least,
        max(parameter.least_open_base) as least_open_base
    from in_groups
    cross join parameter
    group by
        in_groups.body_code, in_groups.academic_year, in_groups.cell.breakdown,
        in_groups.cell.value, in_groups.provider_name
),

sized as (
    select
        counted.*,
        counted.breakdown = 'all' and counted.provider_name <> 'all' as is_provider,
        counted.breakdown = 'imd_quintile'
        and counted.provider_name = 'all'
        and try_cast(counted.breakdown_value as integer) is not null as is_quintile,
        counted.learners >= counted.least_open_base
        and counted.achievers >= counted.least
        and counted.others_due >= counted.least as is_large
    from counted
),

-- What the providers that are left out have together, and the smallest of the others.
beside as (
    select
        sized.*,
        count(*) filter (where sized.is_provider and not sized.is_large) over of_year
            as small_providers,
        coalesce(
            sum(sized.achievers) filter (where sized.is_provider and not sized.is_large)
                over of_year,
            0
        ) as small_achievers,
        coalesce(
            sum(sized.others_due) filter (where sized.is_provider and not sized.is_large)
                over of_year,
            0
        ) as small_others_due,
        min((sized.learners, sized.provider_name)) filter (
            where sized.is_provider and sized.is_large
        ) over of_year as smallest_large,
        bool_and(sized.is_large) filter (where sized.is_quintile) over of_year
            as quintiles_are_large
    from sized
    window of_year as (partition by sized.body_code, sized.academic_year)
),

told as (
    select
        beside.*,
        returns.return_state,
        coalesce(returns.return_state = 'final', false) as is_final,
        (beside.provider_name = 'all' and beside.breakdown = 'all')
        or (
            coalesce(returns.return_state = 'final', false)
            and (
                beside.is_provider
                or (beside.provider_name = 'all' and beside.breakdown = 'imd_quintile')
            )
        ) as in_open_table,
        beside.is_large
        and case
            when beside.is_quintile then beside.quintiles_are_large
            when not beside.is_provider or beside.small_providers = 0 then true
            when
                beside.small_achievers >= beside.least and beside.small_others_due >= beside.least
                then true
            else (beside.learners, beside.provider_name) <> beside.smallest_large
        end as is_shown
    from beside
    left join stage.skills_returns as returns
        on
            beside.body_code = returns.body_code
            and beside.academic_year = returns.academic_year
)

select
    told.body_code,
    told.academic_year,
    told.breakdown,
    told.breakdown_value,
    told.provider_name,
    told.learners as learners_rounded,
    told.placed,
    case when told.placed >= told.least then told.most_deprived end as most_deprived,
    case
        when told.is_final and told.placed >= told.least
            then share(told.most_deprived, told.placed)
    end as most_deprived_share,
    told.aims_due,
    told.aims_awaited,
    case when told.learners >= told.least then told.achieved end as aims_achieved,
    case
        when told.is_final and told.learners >= told.least
            then share(told.achieved, told.aims_due)
    end as achievement_share,
    residents.residents_adult,
    case
        when told.is_final and told.placed >= told.least
            then share(1000 * told.placed, residents.residents_adult)
    end as learners_per_1000,
    case
        when told.breakdown = 'imd_quintile' then try_cast(told.breakdown_value as integer)
    end as imd_quintile,
    told.iod_edition,
    told.funding_basis,
    case when told.breakdown = 'all' then provider.social_value_statement end
        as social_value_statement,
    null_reasons(
        [
            [
                'most_deprived_share',
                case
                    when not told.is_final then 'not_followed_so_long'
                    when told.placed < told.least then 'too_few_people'
                end
            ],
            [
                'achievement_share',
                case
                    when not told.is_final then 'not_followed_so_long'
                    when told.learners < told.least then 'too_few_people'
                    when told.aims_due = 0 then 'zero_base'
                end
            ],
            [
                'learners_per_1000',
                case
                    when not told.is_final then 'not_followed_so_long'
                    when residents.residents_adult is null then 'not_supplied'
                    when told.placed < told.least then 'too_few_people'
                end
            ]
        ]
    ) as null_reasons,
    told.return_state as outcome_state,
    told.in_open_table,
    told.in_open_table and told.is_final and told.is_shown as is_shown,
    cast(null as varchar) as withheld
from told
left join stage.skills_residents as residents
    on
        told.provider_name = 'all'
        and (
            (told.breakdown = 'all' and residents.imd_quintile = 'all')
            or (
                told.breakdown = 'imd_quintile'
                and told.breakdown_value = residents.imd_quintile
            )
        )
left join stage.skills_providers as provider
    on
        told.body_code = provider.body_code
        and told.academic_year = provider.academic_year
        and told.provider_ukprn = provider.provider_ukprn
        and told.provider_name <> 'all'
