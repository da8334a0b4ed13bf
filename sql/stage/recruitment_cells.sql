-- Grain: one group of one characteristic at one stage, of one body in one year.
-- Applications at each stage by group, those of the stage before, those of the group that others are
-- compared with, and the rates: rate_from_previous_stage, relative_likelihood (the rate of the
-- reference group over that of the group: above 1 the reference group is more likely to pass) with its
-- interval on the log scale, and impact_ratio (the rate of the group over the highest).
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'normal_quantile_95')
            as z,
        max(parameters.parameter_value) filter (where parameters.parameter = 'four_fifths')
            as four_fifths
    from ref.pay_parameters as parameters
),

stages as (
    select
        stage_order.stage,
        stage_order.previous_stage,
        stage_order.stage_number
    from (
        values
        ('applied', '', 1),
        ('shortlisted', 'applied', 2),
        ('interviewed', 'shortlisted', 3),
        ('offered', 'interviewed', 4),
        ('appointed', 'offered', 5)
    ) as stage_order (stage, previous_stage, stage_number)
),

possible as (
    select
        groups.characteristic,
        groups.group_code,
        max(groups.group_label) as group_label,
        true as is_known
    from ref.people_groups as groups
    inner join ref.people_characteristics as characteristics
        on groups.characteristic = characteristics.characteristic
    where characteristics.in_recruitment
    group by groups.characteristic, groups.group_code
    union all
    select
        characteristics.characteristic,
        unknown.group_code,
        unknown.group_label,
        false as is_known
    from ref.people_characteristics as characteristics
    cross join (
        values ('prefer_not_to_say', 'Prefer not to say'), ('not_recorded', 'Not recorded')
    ) as unknown (group_code, group_label)
    where
        characteristics.in_recruitment and not characteristics.not_collected
        and not starts_with(characteristics.characteristic, 'home_')
    union all
    select
        'home_imd_decile' as characteristic,
        'decile_' || cast(deciles.decile as varchar) as group_code,
        'Decile ' || cast(deciles.decile as varchar) as group_label,
        true as is_known
    from range(1, 11) as deciles (decile)
    union all
    select
        'home_district' as characteristic,
        district.lad_code as group_code,
        max(district.lad_name) as group_label,
        true as is_known
    from geo.district as district
    where district.in_area and district.is_current
    group by district.lad_code
    union all
    select
        homes.characteristic,
        statuses.group_code,
        statuses.group_label,
        false as is_known
    from (values ('home_imd_decile'), ('home_district')) as homes (characteristic)
    cross join (
        values
        ('unplaced', 'Not placed'),
        ('outside_area', 'Outside the area'),
        ('outside_england', 'Outside England'),
        ('no_fixed_abode', 'No fixed abode')
    ) as statuses (group_code, group_label)
),

years as (
    select
        members.body_code,
        members.financial_year
    from stage.recruitment_members as members
    group by members.body_code, members.financial_year
),

counted as (
    select
        members.body_code,
        members.financial_year,
        members.characteristic,
        members.group_code,
        members.stage,
        count(*) as applications,
        count(distinct members.candidate_key) as candidates
    from stage.recruitment_members as members
    group by
        members.body_code, members.financial_year, members.characteristic, members.group_code,
        members.stage
),

groups as (
    select
        years.body_code,
        years.financial_year,
        possible.characteristic,
        'group' as group_level,
        possible.group_code,
        possible.group_label,
        possible.is_known,
        stages.stage,
        coalesce(counted.applications, 0) as applications,
        coalesce(counted.candidates, 0) as candidates
    from years
    cross join possible
    cross join stages
    left join counted
        on
            years.body_code = counted.body_code
            and years.financial_year = counted.financial_year
            and possible.characteristic = counted.characteristic
            and possible.group_code = counted.group_code
            and stages.stage = counted.stage
),

declared as (
    select
        members.body_code,
        members.financial_year,
        members.characteristic,
        members.stage,
        count(*) filter (where members.is_known) as known,
        count(*) filter (where not members.is_known) as not_known,
        count(*) as everybody,
        count(distinct members.candidate_key) filter (where members.is_known) as known_candidates,
        count(distinct members.candidate_key) filter (where not members.is_known)
            as not_known_candidates,
        count(distinct members.candidate_key) as candidates
    from stage.recruitment_members as members
    group by
        members.body_code, members.financial_year, members.characteristic, members.stage
),

every_cell as (
    select groups.*
    from groups
    union all
    select
        years.body_code,
        years.financial_year,
        possible.characteristic,
        'declared' as group_level,
        levels.group_code,
        levels.group_label,
        false as is_known,
        stages.stage,
        coalesce(
            case levels.group_code when 'known' then declared.known else declared.not_known end, 0
        ) as applications,
        coalesce(
            case levels.group_code
                when 'known' then declared.known_candidates
                else declared.not_known_candidates
            end,
            0
        ) as candidates
    from years
    cross join (
        select possible.characteristic
        from possible
        group by possible.characteristic
    ) as possible
    cross join stages
    cross join (values ('known', 'Known'), ('not_known', 'Not known'))
        as levels (group_code, group_label)
    left join declared
        on
            years.body_code = declared.body_code
            and years.financial_year = declared.financial_year
            and possible.characteristic = declared.characteristic
            and stages.stage = declared.stage
    union all
    -- Every characteristic counts the same applications; sex, of which there always is one, gives
    -- the total.
    select
        years.body_code,
        years.financial_year,
        'all' as characteristic,
        'total' as group_level,
        'all' as group_code,
        'All applications' as group_label,
        false as is_known,
        stages.stage,
        coalesce(declared.everybody, 0) as applications,
        coalesce(declared.candidates, 0) as candidates
    from years
    cross join stages
    left join declared
        on
            years.body_code = declared.body_code
            and years.financial_year = declared.financial_year
            and declared.characteristic = 'sex'
            and stages.stage = declared.stage
),

-- What is known of the stage: the base of shares.
base as (
    select
        every_cell.body_code,
        every_cell.financial_year,
        every_cell.characteristic,
        every_cell.stage,
        every_cell.applications as known
    from every_cell
    where every_cell.group_code = 'known'
),

total as (
    select
        every_cell.body_code,
        every_cell.financial_year,
        every_cell.stage,
        every_cell.applications as everybody
    from every_cell
    where every_cell.group_level = 'total'
),

compared as (
    select
        every_cell.*,
        stages.previous_stage,
        stages.stage_number,
        previous.applications as previous_applications,
        case
            when every_cell.is_known and every_cell.group_code <> characteristics.reference_group
                and stages.stage_number > 1 then characteristics.reference_group
            else ''
        end as reference_group,
        characteristics.reference_group as compared_with
    from every_cell
    inner join stages
        on every_cell.stage = stages.stage
    left join every_cell as previous
        on
            every_cell.body_code = previous.body_code
            and every_cell.financial_year = previous.financial_year
            and every_cell.characteristic = previous.characteristic
            and every_cell.group_level = previous.group_level
            and every_cell.group_code = previous.group_code
            and stages.previous_stage = previous.stage
    left join ref.people_characteristics as characteristics
        on every_cell.characteristic = characteristics.characteristic
),

rated as (
    select
        compared.*,
        share(compared.applications, compared.previous_applications) as rate,
        reference.applications as reference_applications,
        reference.previous_applications as reference_previous_applications,
        share(reference.applications, reference.previous_applications) as reference_rate,
        max(
            case
                when compared.is_known
                    then share(compared.applications, compared.previous_applications)
            end
        ) over (
            partition by compared.body_code, compared.financial_year, compared.characteristic,
            compared.stage
        ) as highest_rate
    from compared
    left join compared as reference
        on
            compared.body_code = reference.body_code
            and compared.financial_year = reference.financial_year
            and compared.characteristic = reference.characteristic
            and compared.stage = reference.stage
            and reference.group_level = 'group'
            and reference.group_code = compared.reference_group
)

select
    rated.body_code,
    rated.financial_year,
    rated.characteristic,
    rated.group_level,
    rated.group_code,
    rated.group_label,
    rated.is_known,
    rated.stage,
    rated.previous_stage,
    rated.reference_group,
    rated.applications,
    rated.candidates,
    base.known,
    total.everybody,
    rated.previous_applications,
    rated.reference_applications,
    rated.reference_previous_applications,
    case when rated.is_known then share(rated.applications, base.known) end as share_of_stage,
    share(rated.applications, total.everybody) as share_of_all,
    share(base.known, total.everybody) as declaration_rate,
    rated.rate as rate_from_previous_stage,
    case when rated.rate > 0 then rated.reference_rate / rated.rate end as relative_likelihood,
    case
        when rated.rate > 0 and rated.reference_rate > 0
            then rated.reference_rate / rated.rate * exp(-parameter.z * sqrt(
                1.0 / rated.reference_applications - 1.0 / rated.reference_previous_applications
                + 1.0 / rated.applications - 1.0 / rated.previous_applications
            ))
    end as ci_low,
    case
        when rated.rate > 0 and rated.reference_rate > 0
            then rated.reference_rate / rated.rate * exp(parameter.z * sqrt(
                1.0 / rated.reference_applications - 1.0 / rated.reference_previous_applications
                + 1.0 / rated.applications - 1.0 / rated.previous_applications
            ))
    end as ci_high,
    case when rated.is_known and rated.highest_rate > 0 then rated.rate / rated.highest_rate end
        as impact_ratio,
    case
        when rated.is_known and rated.highest_rate > 0
            then rated.rate / rated.highest_rate < parameter.four_fifths
    end as four_fifths_flag
from rated
cross join parameter
left join base
    on
        rated.body_code = base.body_code
        and rated.financial_year = base.financial_year
        and rated.characteristic = base.characteristic
        and rated.stage = base.stage
left join total
    on
        rated.body_code = total.body_code
        and rated.financial_year = total.financial_year
        and rated.stage = total.stage
