-- Grain: one group of one characteristic at one stage, of one body in one year.
-- Which counts of applications the open tables may show: at the first stage groups of enough people,
-- as stage.people_open_groups has it. A later stage is shown for all of them or for none: where each
-- group, those of it that did not pass, and what is left beside them are enough.
with parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as bigint
        ) as least_shown
    from ref.pay_parameters as parameters
),

cell as (
    select
        cells.body_code,
        cells.financial_year,
        cells.characteristic,
        case when cells.is_known then cells.group_code else 'not_known' end as group_code,
        cells.is_known,
        cells.stage,
        case cells.stage when 'applied' then 1 when 'shortlisted' then 2 else 3 end as stage_number,
        sum(cells.applications) as applications,
        sum(cells.candidates) as candidates
    from stage.recruitment_cells as cells
    inner join ref.people_open_characteristics as told
        on cells.characteristic = told.characteristic
    where cells.group_level = 'group' and cells.stage in ('applied', 'shortlisted', 'appointed')
    group by
        cells.body_code, cells.financial_year, cells.characteristic,
        case when cells.is_known then cells.group_code else 'not_known' end, cells.is_known,
        cells.stage
),

sized as (
    select
        cell.*,
        lag(cell.applications) over (
            partition by
                cell.body_code, cell.financial_year, cell.characteristic, cell.group_code
            order by cell.stage_number
        ) - cell.applications as not_passed,
        cell.candidates >= parameter.least_shown as is_large,
        parameter.least_shown
    from cell
    cross join parameter
),

beside as (
    select
        sized.*,
        bool_and(sized.is_large or not sized.is_known) over same as all_are_large,
        bool_or(sized.is_large and not sized.is_known) over same as unknown_is_large,
        coalesce(
            sum(sized.candidates) filter (where sized.is_known and not sized.is_large) over same, 0
        ) as small_groups,
        coalesce(sum(sized.candidates) filter (where not sized.is_known) over same, 0) as not_known,
        coalesce(sum(sized.candidates) filter (where sized.is_known) over same, 0) as known,
        min((sized.candidates, sized.group_code)) filter (where sized.is_known and sized.is_large)
            over same as smallest_large
    from sized
    where sized.stage = 'applied'
    window same as (partition by sized.body_code, sized.financial_year, sized.characteristic)
),

first_stage as (
    select
        beside.body_code,
        beside.financial_year,
        beside.characteristic,
        beside.group_code,
        beside.is_large
        and case
            when not beside.is_known then beside.known >= beside.least_shown
            when told.is_whole then beside.all_are_large
            when beside.small_groups = 0 then true
            when
                beside.small_groups
                + case when beside.unknown_is_large then 0 else beside.not_known end
                >= beside.least_shown then true
            else (beside.candidates, beside.group_code) <> beside.smallest_large
        end as is_open
    from beside
    inner join ref.people_open_characteristics as told
        on beside.characteristic = told.characteristic
),

later as (
    select
        sized.*,
        first_stage.is_open as was_open,
        first_stage.is_open and sized.is_large and sized.not_passed >= sized.least_shown
            as could_be_open
    from sized
    inner join first_stage
        on
            sized.body_code = first_stage.body_code
            and sized.financial_year = first_stage.financial_year
            and sized.characteristic = first_stage.characteristic
            and sized.group_code = first_stage.group_code
),

-- What is left at a stage: groups that are not shown, and those of unknown group where they are not.
stage_left as (
    select
        later.body_code,
        later.financial_year,
        later.characteristic,
        later.stage_number,
        bool_or(later.was_open and later.is_known) as has_groups,
        bool_and(later.could_be_open or not later.is_known or not later.was_open)
            as all_are_large,
        coalesce(sum(later.applications) filter (where later.is_known and not later.was_open), 0)
            as small_groups,
        coalesce(sum(later.not_passed) filter (where later.is_known and not later.was_open), 0)
            as small_groups_not_passed,
        coalesce(sum(later.applications) filter (where not later.is_known and not later.could_be_open), 0)
            as unknown_left,
        coalesce(sum(later.not_passed) filter (where not later.is_known and not later.could_be_open), 0)
            as unknown_left_not_passed,
        max(later.least_shown) as least_shown
    from later
    where later.stage_number > 1
    group by
        later.body_code, later.financial_year, later.characteristic, later.stage_number
),

stage_shown as (
    select
        stage_left.body_code,
        stage_left.financial_year,
        stage_left.characteristic,
        stage_left.stage_number,
        bool_and(
            stage_left.has_groups
            and stage_left.all_are_large
            and (
                stage_left.small_groups = 0
                or stage_left.small_groups + stage_left.unknown_left >= stage_left.least_shown
            )
            and (
                stage_left.small_groups_not_passed = 0
                or stage_left.small_groups_not_passed + stage_left.unknown_left_not_passed
                >= stage_left.least_shown
            )
        ) over (
            partition by
                stage_left.body_code, stage_left.financial_year, stage_left.characteristic
            order by stage_left.stage_number
        ) as is_shown
    from stage_left
)

select
    later.body_code,
    later.financial_year,
    later.characteristic,
    later.group_code,
    later.is_known,
    later.stage,
    cast(later.applications as bigint) as applications,
    case
        when later.stage_number = 1 then later.was_open
        else later.could_be_open and coalesce(stage_shown.is_shown, false)
    end as is_open
from later
left join stage_shown
    on
        later.body_code = stage_shown.body_code
        and later.financial_year = stage_shown.financial_year
        and later.characteristic = stage_shown.characteristic
        and later.stage_number = stage_shown.stage_number
