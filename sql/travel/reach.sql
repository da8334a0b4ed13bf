-- Grain: financial_year, breakdown, breakdown_value, pass_group, place_status, imd_decile, iod_edition.
-- Whom free travel reaches, beside the residents who could have a pass. A breakdown by authority counts
-- passes by who issued them and residents by where they live; the area as a whole counts all passes.
with eligible as (
    select
        residents.financial_year,
        residents.iod_edition,
        residents.lsoa_code,
        residents.imd_decile,
        residents.population_year,
        residents.eligible_basis,
        residents.pass_authority,
        residents.lad_code,
        residents.lsoa_code is not null as is_placed,
        coalesce(residents.ward_code, 'no_ward') as ward_code,
        unnest([
            {'pass_group': 'older', 'people': residents.residents_pension_age},
            {
                'pass_group': 'sixty_plus',
                'people': case when residents.has_pass_from_60 then residents.residents_60_plus end
            }
        ]) as item
    from stage.travel_eligible as residents
),

counts as (
    select
        eligible.financial_year,
        eligible.iod_edition,
        eligible.item.pass_group as pass_group,
        case when eligible.is_placed then 'placed' else 'unplaced' end as place_status,
        eligible.imd_decile,
        eligible.pass_authority as authority,
        eligible.lad_code,
        eligible.ward_code,
        eligible.population_year,
        eligible.eligible_basis,
        eligible.item.people as eligible,
        cast(0 as bigint) as live_passes,
        cast(0 as bigint) as active_passes,
        cast(0 as bigint) as pass_days,
        cast(0 as bigint) as expired_passes,
        cast(0 as bigint) as lapsed_passes,
        cast(0 as bigint) as journeys,
        cast(0 as bigint) as peak_journeys
    from eligible
    union all
    select
        held.financial_year,
        held.iod_edition,
        held.pass_group,
        held.place_status,
        held.imd_decile,
        held.issuing_authority as authority,
        held.lad_code,
        case when held.place_status = 'placed' then coalesce(held.ward_code, 'no_ward') end
            as ward_code,
        cast(null as bigint) as population_year,
        cast(null as varchar) as eligible_basis,
        cast(null as bigint) as eligible,
        held.live_passes,
        held.active_passes,
        held.pass_days,
        held.expired_passes,
        held.lapsed_passes,
        held.journeys,
        held.peak_journeys
    from stage.travel_reach_lsoa as held
),

-- Every count in every breakdown it belongs to, as its own decile and in the total.
spread as (
    select
        counts.*,
        breakdowns.item.breakdown as breakdown,
        breakdowns.item.breakdown_value as breakdown_value,
        unnest([true, false]) as is_total
    from counts
    cross join lateral (
        select unnest([
            {'breakdown': 'all', 'breakdown_value': 'all'},
            {'breakdown': 'authority', 'breakdown_value': counts.authority},
            {'breakdown': 'district', 'breakdown_value': counts.lad_code},
            {'breakdown': 'ward', 'breakdown_value': counts.ward_code}
        ]) as item
    ) as breakdowns
    where breakdowns.item.breakdown_value is not null
),

cells as (
    select
        spread.financial_year,
        spread.breakdown,
        spread.breakdown_value,
        spread.pass_group,
        case when spread.is_total then 'all' else spread.place_status end as place_status,
        case when not spread.is_total then spread.imd_decile end as imd_decile,
        spread.iod_edition,
        max(spread.population_year) as population_year,
        -- moved_from_2011 before same_areas; not_moved is the basis of a row of its own alone.
        coalesce(
            min(spread.eligible_basis) filter (where spread.eligible_basis <> 'not_moved'),
            min(spread.eligible_basis)
        ) as eligible_basis,
        sum(spread.eligible) as eligible,
        sum(spread.live_passes) as live_passes,
        sum(spread.active_passes) as active_passes,
        sum(spread.pass_days) as pass_days,
        sum(spread.expired_passes) as expired_passes,
        sum(spread.lapsed_passes) as lapsed_passes,
        sum(spread.journeys) as journeys,
        sum(spread.peak_journeys) as peak_journeys,
        sum(spread.live_passes) filter (where spread.place_status = 'placed') as placed_passes,
        sum(spread.journeys) filter (where spread.place_status = 'placed') as placed_journeys,
        sum(spread.eligible) filter (where spread.place_status = 'placed') as placed_eligible
    from spread
    group by
        spread.financial_year,
        spread.breakdown,
        spread.breakdown_value,
        spread.pass_group,
        case when spread.is_total then 'all' else spread.place_status end,
        case when not spread.is_total then spread.imd_decile end,
        spread.iod_edition
),

beside_total as (
    select
        cells.*,
        total.placed_eligible as all_eligible,
        total.placed_journeys as all_placed_journeys,
        share(total.placed_passes, total.live_passes) as placement_share
    from cells
    inner join cells as total
        on
            cells.financial_year = total.financial_year
            and cells.breakdown = total.breakdown
            and cells.breakdown_value = total.breakdown_value
            and cells.pass_group = total.pass_group
            and cells.iod_edition = total.iod_edition
            and total.place_status = 'all'
),

judged as (
    select
        beside_total.*,
        case
            when beside_total.imd_decile is null then null
            when beside_total.placement_share < parameters.placement_withheld_share
                then 'placement_too_low'
        end as too_few_placed,
        case
            when beside_total.placement_share < parameters.placement_withheld_share
                then 'placement_too_low'
            when beside_total.placement_share < parameters.placement_marked_share
                then 'placement_low'
        end as reliability
    from beside_total
    cross join ref.travel_parameters as parameters
),

ward_names as (
    select ward.ward_code, min(ward.ward_name) as ward_name
    from geo.ward as ward
    group by ward.ward_code
),

district_names as (
    select district.lad_code, min(district.lad_name) as lad_name
    from geo.district as district
    group by district.lad_code
)

select
    judged.financial_year,
    judged.breakdown,
    judged.breakdown_value,
    case judged.breakdown
        when 'district' then district_names.lad_name
        when 'ward' then coalesce(ward_names.ward_name, 'in no single ward')
        when 'authority' then judged.breakdown_value
        else 'all'
    end as breakdown_label,
    case when judged.breakdown = 'authority' then judged.breakdown_value end as issuing_authority,
    judged.pass_group,
    judged.place_status,
    judged.imd_decile,
    judged.iod_edition,
    cast(judged.eligible as bigint) as eligible,
    cast(judged.population_year as bigint) as population_year,
    judged.eligible_basis,
    cast(judged.live_passes as bigint) as live_passes,
    cast(judged.active_passes as bigint) as active_passes,
    case
        when judged.too_few_placed is null and judged.place_status in ('placed', 'all')
            then share(judged.live_passes, judged.eligible)
    end as take_up_share,
    coalesce(judged.live_passes > judged.eligible, false) as take_up_above_one,
    share(judged.active_passes, judged.live_passes) as active_share,
    cast(judged.journeys as bigint) as journeys,
    cast(judged.pass_days as bigint) as pass_days,
    share(judged.journeys * 365.25, judged.pass_days) as journeys_per_pass,
    case
        when judged.too_few_placed is null and judged.place_status = 'placed'
            then share(judged.journeys, judged.all_placed_journeys)
    end as journey_share,
    case
        when judged.place_status = 'placed' then share(judged.eligible, judged.all_eligible)
    end as eligible_share,
    case
        when judged.too_few_placed is null and judged.place_status = 'placed'
            then share(
                share(judged.journeys, judged.all_placed_journeys),
                share(judged.eligible, judged.all_eligible)
            )
    end as representation_ratio,
    share(judged.peak_journeys, judged.journeys) as peak_share,
    cast(judged.peak_journeys as bigint) as peak_journeys,
    cast(judged.expired_passes as bigint) as expired_passes,
    cast(judged.lapsed_passes as bigint) as lapsed_passes,
    share(judged.lapsed_passes, judged.expired_passes) as lapse_rate,
    judged.placement_share,
    judged.reliability,
    null_reasons(
        [
            [
                'eligible',
                case
                    when judged.eligible is null and judged.place_status in ('placed', 'all')
                        then case
                            when judged.pass_group = 'sixty_plus' then 'no_such_pass'
                            else 'not_supplied'
                        end
                end
            ],
            [
                'take_up_share',
                case
                    when judged.too_few_placed is not null then judged.too_few_placed
                    when judged.place_status not in ('placed', 'all') then 'no_residents'
                    when judged.eligible is null then 'not_supplied'
                    when judged.eligible = 0 then 'zero_base'
                end
            ],
            [
                'journeys_per_pass',
                case when judged.pass_days = 0 then 'zero_base' end
            ],
            [
                'representation_ratio',
                case
                    when judged.too_few_placed is not null then judged.too_few_placed
                    when judged.place_status <> 'placed' then 'no_residents'
                    when judged.eligible is null then 'not_supplied'
                    when
                        judged.eligible = 0
                        or coalesce(judged.all_placed_journeys, 0) = 0 then 'zero_base'
                end
            ]
        ]
    ) as null_reasons
from judged
left join district_names
    on judged.breakdown = 'district' and judged.breakdown_value = district_names.lad_code
left join ward_names
    on judged.breakdown = 'ward' and judged.breakdown_value = ward_names.ward_code
