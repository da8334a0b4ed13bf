-- Grain: one measure of one contrast on one snapshot date, in one breakdown.
-- Figures of pay gaps with the years they belong to, the rules and the choices that hold. The shares of
-- quarters of a contrast stand together or not at all: where fewer than ten people of a side are in any
-- quarter, none is told, because the one would follow from the others.
-- in_open_table names the rows that the open table has, whatever is in them; is_shown those of them
-- whose figures it shows.
with snapshots as (
    select
        people.body_code,
        people.snapshot_date,
        max(people.rule_version) as rule_version,
        max(people.options) as options
    from stage.pay_people as people
    group by people.body_code, people.snapshot_date
),

parameter as (
    select max(parameters.parameter_value) as least
    from ref.pay_parameters as parameters
    where parameters.parameter = 'least_in_a_quarter'
),

thin as (
    select
        figures.body_code,
        figures.snapshot_date,
        figures.population,
        figures.characteristic,
        figures.comparator_group,
        figures.focal_group,
        figures.breakdown,
        figures.breakdown_value,
        min(coalesce(figures.numerator, 0)) < max(parameter.least)
        or min(coalesce(figures.denominator - figures.numerator, 0)) < max(parameter.least)
            as is_thin
    from stage.pay_figures as figures
    cross join parameter
    where starts_with(figures.measure, 'quarter_share_')
    group by
        figures.body_code, figures.snapshot_date, figures.population, figures.characteristic,
        figures.comparator_group, figures.focal_group, figures.breakdown, figures.breakdown_value
),

-- A cross one of whose cells has fewer than ten people is told in no part: what is left of it leaks by
-- subtraction.
thin_cross as (
    select
        figures.body_code,
        figures.snapshot_date,
        figures.breakdown,
        figures.comparator_group
    from stage.pay_figures as figures
    inner join ref.pay_intersections as intersections
        on
            figures.characteristic = intersections.characteristic
            and figures.breakdown = intersections.crossed_with
            and concat(intersections.comparator_group, '_', intersections.comparator_value)
            = figures.comparator_group
    cross join parameter
    where figures.measure = 'mean_hourly'
    group by
        figures.body_code, figures.snapshot_date, figures.breakdown, figures.comparator_group
    having min(least(figures.n_focal, figures.n_comparator)) < max(parameter.least)
),

-- A bonus figure of few recipients says what they got, or that nobody of the group was paid one.
judged as (
    select
        figures.*,
        case
            when thin_cross.breakdown is not null then 'small_cross'
            when figures.measure in ('bonus_share_focal', 'bonus_share_comparator')
                then case when figures.numerator < parameter.least then 'few_recipients' end
            when contains(figures.measure, 'bonus')
                then case
                    when least(figures.n_focal, figures.n_comparator) < parameter.least
                        then 'few_recipients'
                end
            when starts_with(figures.measure, 'quarter_share_') and thin.is_thin
                then 'few_in_a_quarter'
        end as hidden_because,
        contrasts.is_internal
    from stage.pay_figures as figures
    cross join parameter
    left join ref.pay_contrasts as contrasts
        on
            figures.characteristic = contrasts.characteristic
            and figures.comparator_group = contrasts.comparator_group
            and figures.focal_group = contrasts.focal_group
    left join thin_cross
        on
            figures.body_code = thin_cross.body_code
            and figures.snapshot_date = thin_cross.snapshot_date
            and figures.breakdown = thin_cross.breakdown
            and figures.comparator_group = thin_cross.comparator_group
    left join thin
        on
            figures.body_code = thin.body_code
            and figures.snapshot_date = thin.snapshot_date
            and figures.population = thin.population
            and figures.characteristic = thin.characteristic
            and figures.comparator_group = thin.comparator_group
            and figures.focal_group = thin.focal_group
            and figures.breakdown = thin.breakdown
            and figures.breakdown_value = thin.breakdown_value
),

figure as (
    select
        judged.*,
        judged.hidden_because is not null as is_hidden,
        prior.hidden_because is not null as is_prior_hidden
    from judged
    left join judged as prior
        on
            judged.body_code = prior.body_code
            and judged.snapshot_date - to_years(1) = prior.snapshot_date
            and judged.population = prior.population
            and judged.characteristic = prior.characteristic
            and judged.comparator_group = prior.comparator_group
            and judged.focal_group = prior.focal_group
            and judged.breakdown = prior.breakdown
            and judged.breakdown_value = prior.breakdown_value
            and judged.measure = prior.measure
),

-- Fewest who were paid a bonus, and who were not, on either side, in this year and in the last.
bonus as (
    select
        figures.body_code,
        figures.snapshot_date,
        figures.characteristic,
        figures.comparator_group,
        figures.focal_group,
        min(least(
            figures.numerator, figures.denominator - figures.numerator,
            prior.numerator, prior.denominator - prior.numerator
        )) >= max(parameter.least) as is_large
    from stage.pay_figures as figures
    cross join parameter
    left join stage.pay_figures as prior
        on
            figures.body_code = prior.body_code
            and figures.snapshot_date - to_years(1) = prior.snapshot_date
            and figures.population = prior.population
            and figures.characteristic = prior.characteristic
            and figures.comparator_group = prior.comparator_group
            and figures.focal_group = prior.focal_group
            and figures.breakdown = prior.breakdown
            and figures.breakdown_value = prior.breakdown_value
            and figures.measure = prior.measure
    where
        figures.measure in ('bonus_share_focal', 'bonus_share_comparator')
        and figures.population = 'all' and figures.breakdown = 'all'
    group by
        figures.body_code, figures.snapshot_date, figures.characteristic,
        figures.comparator_group, figures.focal_group
),

-- Characteristics of two groups, whose quarters hold nobody else.
of_two as (
    select groups.characteristic
    from ref.people_groups as groups
    group by groups.characteristic
    having count(distinct groups.group_code) = 2
),

employee as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic,
        members.group_code,
        cells.breakdown,
        cells.breakdown_value,
        count(*) as employees
    from stage.people_members as members
    cross join lateral (
        values
        ('all', 'all'), ('grade', members.grade), ('directorate', members.directorate),
        ('working_pattern', members.working_pattern)
    ) as cells (breakdown, breakdown_value)
    group by
        members.body_code, members.snapshot_date, members.characteristic, members.group_code,
        cells.breakdown, cells.breakdown_value
)

select
    figure.body_code,
    figure.snapshot_date,
    financial_year(
        figure.snapshot_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    concat(
        year(figure.snapshot_date), '-', right(cast(year(figure.snapshot_date) + 1 as varchar), 2)
    ) as gov_uk_reporting_year,
    snapshots.rule_version,
    snapshots.options,
    figure.population,
    figure.characteristic,
    figure.comparator_group,
    figure.focal_group,
    figure.breakdown,
    figure.breakdown_value,
    figure.measure,
    case when not figure.is_hidden then figure.value end as value,
    figure.unit,
    case when not figure.is_hidden then figure.pence_in_pound end as pence_in_pound,
    case when not figure.is_hidden then figure.ci_low end as ci_low,
    case when not figure.is_hidden then figure.ci_high end as ci_high,
    case when not figure.is_hidden then figure.ci_method end as ci_method,
    focal.employees as n_focal_rounded,
    comparator.employees as n_comparator_rounded,
    case
        when figure.numerator is not null and not figure.is_hidden
            then cast(round(figure.numerator) as bigint)
    end as numerator_rounded,
    case when not figure.is_hidden then figure.denominator end as denominator_rounded,
    case
        when figure.reliability in ('reliable', 'low_reliability') then figure.reliability
    end as reliability,
    case when not figure.is_prior_hidden then figure.prior_value end as prior_value,
    case
        when not figure.is_hidden and not figure.is_prior_hidden
            then figure.change_pp
    end as change_pp,
    case
        when not figure.is_hidden and not figure.is_prior_hidden
            then figure.change_ci_low
    end as change_ci_low,
    case
        when not figure.is_hidden and not figure.is_prior_hidden
            then figure.change_ci_high
    end as change_ci_high,
    -- A cross is no contrast of ref.pay_contrasts: its counts stand in no other open table to be held against.
    coalesce(
        figure.population = 'all' and figure.is_internal is not null and told.has_pay and (
            (figure.breakdown = 'all' and (
                figure.measure in (
                    'mean_hourly', 'median_hourly', 'gap_p10', 'gap_p25', 'gap_p75', 'gap_p90'
                )
                or (starts_with(figure.measure, 'quarter_share_') and of_two.characteristic is not null)
                or (contains(figure.measure, 'bonus') and told.has_pay_breakdowns)
            ))
            or (
                told.has_pay_breakdowns
                and figure.breakdown in ('grade', 'directorate', 'working_pattern')
                and figure.measure in ('mean_hourly', 'median_hourly')
            )
        ),
        false
    ) as in_open_table,
    coalesce(
        case
            when figure.breakdown <> 'all' then breakdowns.is_open
            else
                open_focal.is_open and open_focal.is_large_in_pay
                and open_comparator.is_open and open_comparator.is_large_in_pay
                and not figure.is_hidden
                and (not contains(figure.measure, 'bonus') or bonus.is_large)
        end,
        false
    ) as is_shown,
    false as suppressed,
    coalesce(figure.hidden_because, figure.null_reason) as null_reason
from figure
cross join site.settings as settings
inner join snapshots
    on
        figure.body_code = snapshots.body_code
        and figure.snapshot_date = snapshots.snapshot_date
left join ref.people_open_characteristics as told
    on figure.characteristic = told.characteristic
left join of_two
    on figure.characteristic = of_two.characteristic
left join employee as focal
    on
        figure.body_code = focal.body_code
        and figure.snapshot_date = focal.snapshot_date
        and figure.characteristic = focal.characteristic
        and figure.focal_group = focal.group_code
        and figure.breakdown = focal.breakdown
        and figure.breakdown_value = focal.breakdown_value
left join employee as comparator
    on
        figure.body_code = comparator.body_code
        and figure.snapshot_date = comparator.snapshot_date
        and figure.characteristic = comparator.characteristic
        and figure.comparator_group = comparator.group_code
        and figure.breakdown = comparator.breakdown
        and figure.breakdown_value = comparator.breakdown_value
left join stage.people_open_groups as open_focal
    on
        figure.body_code = open_focal.body_code
        and figure.snapshot_date = open_focal.snapshot_date
        and figure.characteristic = open_focal.characteristic
        and figure.focal_group = open_focal.group_code
left join stage.people_open_groups as open_comparator
    on
        figure.body_code = open_comparator.body_code
        and figure.snapshot_date = open_comparator.snapshot_date
        and figure.characteristic = open_comparator.characteristic
        and figure.comparator_group = open_comparator.group_code
left join stage.people_open_breakdowns as breakdowns
    on
        figure.body_code = breakdowns.body_code
        and figure.snapshot_date = breakdowns.snapshot_date
        and figure.characteristic = breakdowns.characteristic
        and figure.comparator_group = breakdowns.comparator_group
        and figure.focal_group = breakdowns.focal_group
        and figure.breakdown = breakdowns.breakdown
        and figure.breakdown_value = breakdowns.breakdown_value
left join bonus
    on
        figure.body_code = bonus.body_code
        and figure.snapshot_date = bonus.snapshot_date
        and figure.characteristic = bonus.characteristic
        and figure.comparator_group = bonus.comparator_group
        and figure.focal_group = bonus.focal_group
-- Within a breakdown hardly anybody is paid a bonus, and what is withheld there would take the statutory
-- figures of all staff with it.
where
    not coalesce(figure.is_internal, false)
    and (figure.breakdown = 'all' or not contains(figure.measure, 'bonus'))
