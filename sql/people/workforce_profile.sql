-- Grain: one group of one characteristic, of one body on one snapshot date, in one breakdown.
-- Employees on the snapshot date by group: each group that can be declared, also with nobody in it;
-- those who prefer not to say and those of whom nothing is recorded; known and not_known together;
-- and all. A characteristic that nobody collects or sent has one row with the reason. Shares are of all,
-- and of those whose group is known.
-- in_open_table names the rows that the open table has; is_shown those of them whose figures it shows.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'normal_quantile_95')
            as z,
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as least_shown
    from ref.pay_parameters as parameters
),

placed as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic,
        members.group_code,
        members.is_known,
        members.has_grades,
        members.has_breakdowns,
        unnest(staff_breakdowns(members)) as place
    from stage.people_members as members
),

member as (
    select
        placed.body_code,
        placed.snapshot_date,
        placed.characteristic,
        placed.group_code,
        placed.is_known,
        placed.place.breakdown as breakdown,
        placed.place.breakdown_value as breakdown_value
    from placed
    where
        case placed.place.breakdown
            when 'all' then true
            when 'grade' then coalesce(placed.has_grades, false)
            else coalesce(placed.has_breakdowns, false)
        end
),

-- Every characteristic counts the same people, so any of them gives the total.
cell as (
    select
        member.body_code,
        member.snapshot_date,
        member.breakdown,
        member.breakdown_value,
        member.characteristic,
        count(*) as people,
        count(*) filter (where member.is_known) as known
    from member
    group by
        member.body_code, member.snapshot_date, member.breakdown, member.breakdown_value,
        member.characteristic
),

possible as (
    select
        groups.characteristic,
        groups.group_code,
        max(groups.group_label) as group_label,
        true as is_known
    from ref.people_groups as groups
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
),

grouped as (
    select
        cell.body_code,
        cell.snapshot_date,
        cell.characteristic,
        'group' as group_level,
        possible.group_code,
        possible.group_label,
        cell.breakdown,
        cell.breakdown_value,
        count(member.group_code) as headcount,
        cell.people,
        cell.known,
        possible.is_known
    from cell
    inner join possible
        on cell.characteristic = possible.characteristic
    left join member
        on
            cell.body_code = member.body_code
            and cell.snapshot_date = member.snapshot_date
            and cell.breakdown = member.breakdown
            and cell.breakdown_value = member.breakdown_value
            and cell.characteristic = member.characteristic
            and possible.group_code = member.group_code
    group by
        cell.body_code, cell.snapshot_date, cell.characteristic, possible.group_code,
        possible.group_label, cell.breakdown, cell.breakdown_value, cell.people, cell.known,
        possible.is_known
),

every_row as (
    select
        grouped.*,
        cast(null as varchar) as reason
    from grouped
    union all
    select
        cell.body_code,
        cell.snapshot_date,
        cell.characteristic,
        'declared' as group_level,
        'known' as group_code,
        'Known' as group_label,
        cell.breakdown,
        cell.breakdown_value,
        cell.known as headcount,
        cell.people,
        cell.known,
        false as is_known,
        cast(null as varchar) as reason
    from cell
    union all
    select
        cell.body_code,
        cell.snapshot_date,
        cell.characteristic,
        'declared' as group_level,
        'not_known' as group_code,
        'Not known' as group_label,
        cell.breakdown,
        cell.breakdown_value,
        cell.people - cell.known as headcount,
        cell.people,
        cell.known,
        false as is_known,
        cast(null as varchar) as reason
    from cell
    union all
    select
        cell.body_code,
        cell.snapshot_date,
        'all' as characteristic,
        'total' as group_level,
        'all' as group_code,
        'All employees' as group_label,
        cell.breakdown,
        cell.breakdown_value,
        max(cell.people) as headcount,
        max(cell.people) as people,
        cast(null as bigint) as known,
        false as is_known,
        cast(null as varchar) as reason
    from cell
    group by cell.body_code, cell.snapshot_date, cell.breakdown, cell.breakdown_value
    union all
    select
        snapshots.body_code,
        snapshots.snapshot_date,
        characteristics.characteristic,
        'group' as group_level,
        'all' as group_code,
        characteristics.characteristic_label as group_label,
        'all' as breakdown,
        'all' as breakdown_value,
        cast(null as bigint) as headcount,
        cast(null as bigint) as people,
        cast(null as bigint) as known,
        false as is_known,
        if(characteristics.not_collected, 'not_collected', 'not_supplied') as reason
    from ref.people_characteristics as characteristics
    cross join (
        select
            cell.body_code,
            cell.snapshot_date
        from cell
        group by cell.body_code, cell.snapshot_date
    ) as snapshots
    left join cell as sent
        on
            snapshots.body_code = sent.body_code
            and snapshots.snapshot_date = sent.snapshot_date
            and characteristics.characteristic = sent.characteristic
            and sent.breakdown = 'all'
    where characteristics.in_workforce and sent.characteristic is null
),

-- Those of unknown group, where they are nobody or enough to be shown.
unknown as (
    select
        groups.body_code,
        groups.snapshot_date,
        groups.characteristic,
        groups.is_open or groups.employees = 0 as may_be_told,
        groups.is_open
    from stage.people_open_groups as groups
    where not groups.is_known
),

-- Those who prefer not to say and those not recorded: apart where each are enough people.
unsaid as (
    select
        grouped.body_code,
        grouped.snapshot_date,
        grouped.characteristic,
        min(grouped.headcount) >= max(parameter.least_shown) as are_large
    from grouped
    cross join parameter
    where not grouped.is_known and grouped.breakdown = 'all'
    group by grouped.body_code, grouped.snapshot_date, grouped.characteristic
)

select
    every_row.body_code,
    every_row.snapshot_date,
    financial_year(
        every_row.snapshot_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    every_row.characteristic,
    every_row.group_level,
    every_row.group_code as characteristic_group,
    every_row.group_label,
    every_row.breakdown,
    every_row.breakdown_value,
    every_row.headcount as headcount_rounded,
    case when unknown.may_be_told and every_row.is_known then every_row.known end as known_rounded,
    every_row.people as everybody_rounded,
    case when every_row.is_known then share(every_row.headcount, every_row.known) end
        as share_known,
    share(every_row.headcount, every_row.people) as share_all,
    case
        when every_row.is_known then wilson_low(every_row.headcount, every_row.known, parameter.z)
    end as ci_low,
    case
        when every_row.is_known then wilson_high(every_row.headcount, every_row.known, parameter.z)
    end as ci_high,
    case when every_row.is_known and every_row.known > 0 then 'wilson' end as ci_method,
    case
        when every_row.characteristic <> 'all' then share(every_row.known, every_row.people)
    end as declaration_rate,
    targets.target_share as target,
    share(every_row.headcount, every_row.known) - targets.target_share as gap_to_target,
    every_row.breakdown = 'all' as in_open_table,
    case
        when every_row.group_level = 'total' or every_row.headcount is null then true
        when every_row.group_level = 'declared' then coalesce(unknown.is_open, false)
        when not every_row.is_known
            then coalesce(
                unknown.is_open and unsaid.are_large and coalesce(unsaid_before.are_large, true), false
            )
        else coalesce(groups.is_open, false)
    end as is_shown,
    cast(null as varchar) as withheld,
    null_reasons(
        [
            ['headcount_rounded', every_row.reason],
            [
                'share_known',
                case
                    when every_row.reason is not null then every_row.reason
                    when every_row.is_known and every_row.known = 0 then 'zero_base'
                    when not every_row.is_known then 'not_applicable'
                end
            ]
        ]
    ) as null_reasons
from every_row
cross join site.settings as settings
cross join parameter
left join ref.workforce_targets as targets
    on
        every_row.characteristic = targets.characteristic
        and every_row.group_code = targets.group_code
        and every_row.breakdown = 'all'
left join unknown
    on
        every_row.body_code = unknown.body_code
        and every_row.snapshot_date = unknown.snapshot_date
        and every_row.characteristic = unknown.characteristic
left join stage.people_open_groups as groups
    on
        every_row.body_code = groups.body_code
        and every_row.snapshot_date = groups.snapshot_date
        and every_row.characteristic = groups.characteristic
        and every_row.group_code = groups.group_code
left join unsaid
    on
        every_row.body_code = unsaid.body_code
        and every_row.snapshot_date = unsaid.snapshot_date
        and every_row.characteristic = unsaid.characteristic
left join unsaid as unsaid_before
    on
        every_row.body_code = unsaid_before.body_code
        and every_row.snapshot_date - to_years(1) = unsaid_before.snapshot_date
        and every_row.characteristic = unsaid_before.characteristic
