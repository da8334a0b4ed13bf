-- Grain: one group of learners of one provider, or all, in one academic year.
-- A learner of two quintiles, who moved between two starts, counts in both and once in all.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_people')
            as least,
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
        count(*) filter (where in_groups.is_due and in_groups.is_achieved) as achieved,
        max(in_groups.iod_edition) as iod_edition,
        max(in_groups.funding_basis) as funding_basis,
        max(parameter.least) as least
    from in_groups
    cross join parameter
    group by
        in_groups.body_code, in_groups.academic_year, in_groups.cell.breakdown,
        in_groups.cell.value, in_groups.provider_name
)

select
    counted.body_code,
    counted.academic_year,
    counted.breakdown,
    counted.breakdown_value,
    counted.provider_name,
    counted.learners as learners_rounded,
    counted.placed,
    case when counted.placed >= counted.least then counted.most_deprived end as most_deprived,
    case when counted.placed >= counted.least then share(counted.most_deprived, counted.placed) end
        as most_deprived_share,
    counted.aims_due,
    case when counted.learners >= counted.least then counted.achieved end as aims_achieved,
    case when counted.learners >= counted.least then share(counted.achieved, counted.aims_due) end
        as achievement_share,
    residents.residents_adult,
    case
        when counted.placed >= counted.least
            then share(1000 * counted.placed, residents.residents_adult)
    end as learners_per_1000,
    case
        when counted.breakdown = 'imd_quintile' then try_cast(counted.breakdown_value as integer)
    end as imd_quintile,
    counted.iod_edition,
    counted.funding_basis,
    case when counted.breakdown = 'all' then provider.social_value_statement end
        as social_value_statement,
    null_reasons(
        [
            [
                'most_deprived_share',
                case when counted.placed < counted.least then 'too_few_people' end
            ],
            [
                'achievement_share',
                case
                    when counted.learners < counted.least then 'too_few_people'
                    when counted.aims_due = 0 then 'zero_base'
                end
            ],
            [
                'learners_per_1000',
                case
                    when residents.residents_adult is null then 'not_supplied'
                    when counted.placed < counted.least then 'too_few_people'
                end
            ]
        ]
    ) as null_reasons
from counted
left join stage.skills_residents as residents
    on
        counted.provider_name = 'all'
        and (
            (counted.breakdown = 'all' and residents.imd_quintile = 'all')
            or (
                counted.breakdown = 'imd_quintile'
                and counted.breakdown_value = residents.imd_quintile
            )
        )
left join stage.skills_providers as provider
    on
        counted.body_code = provider.body_code
        and counted.academic_year = provider.academic_year
        and counted.provider_ukprn = provider.provider_ukprn
        and counted.provider_name <> 'all'
