-- Grain: one participant or household, once for each group counted in.
-- A household joined when its first member did, and has found work when any member has. Barriers
-- of health and offending are no group: they stay in the build area. Where no actions were sent of the
-- extract, nobody knows who had one. Of a household nobody knows whether it kept work where no member
-- is known to have, and of one it is not known.
with parameter as (
    select cast(max(parameters.parameter_value) as integer) as deprived_deciles
    from ref.skills_parameters as parameters
    where parameters.parameter = 'deprived_deciles'
),

digital as (
    select
        action.body_code,
        action.participant_key,
        bool_or(action.action_kind = 'DIGITAL_INCLUSION') as had_digital
    from raw.skills_actions as action
    inner join stage.hiw_supplies as supply
        on action.body_code = supply.body_code and action.extract_date = supply.extract_date
    group by action.body_code, action.participant_key
),

person as (
    select
        participant.body_code,
        participant.participant_key,
        participant.household_key,
        participant.joined_on,
        participant.financial_year,
        participant.age_band,
        participant.lad_code,
        participant.imd_decile,
        participant.imd_quintile,
        participant.place_status,
        participant.place_status = 'placed' as is_placed,
        coalesce(participant.imd_decile <= parameter.deprived_deciles, false) as is_most_deprived,
        participant.window_ends <= participant.extract_date as is_window_closed,
        coalesce(participant.verified_start_on <= participant.entry_ends, false) as has_entry,
        coalesce(participant.verified_start_on <= participant.entry_ends, false)
        or coalesce(participant.verified_start_on <= participant.after_ends, false)
            as has_entry_or_after,
        coalesce(participant.verified_start_on + 91 <= participant.extract_date, false)
            as is_13_due,
        participant.is_in_work_13_weeks as is_13_sustained,
        coalesce(participant.verified_start_on + 182 <= participant.extract_date, false)
            as is_26_due,
        participant.is_in_work_26_weeks as is_26_sustained,
        case when supply.has_actions then coalesce(digital.had_digital, false) end as had_digital
    from stage.hiw_participants as participant
    cross join parameter
    inner join stage.hiw_supplies as supply
        on participant.body_code = supply.body_code
    left join digital
        on
            participant.body_code = digital.body_code
            and participant.participant_key = digital.participant_key
),

member as (
    select
        person.body_code,
        'participant' as base,
        person.participant_key as member_key,
        person.financial_year,
        person.age_band,
        coalesce(person.lad_code, person.place_status) as lad,
        coalesce(cast(person.imd_quintile as varchar), person.place_status) as imd_quintile,
        person.is_placed,
        person.is_most_deprived,
        person.is_window_closed,
        person.has_entry,
        person.has_entry_or_after,
        person.is_13_due,
        person.is_13_sustained,
        person.is_26_due,
        person.is_26_sustained,
        person.had_digital
    from person
    union all
    select
        person.body_code,
        'household' as base,
        person.household_key as member_key,
        arg_min(person.financial_year, (person.joined_on, person.participant_key))
            as financial_year,
        'household' as age_band,
        arg_min(
            coalesce(person.lad_code, person.place_status),
            (person.joined_on, person.participant_key)
        ) as lad,
        arg_min(
            coalesce(cast(person.imd_quintile as varchar), person.place_status),
            (person.joined_on, person.participant_key)
        ) as imd_quintile,
        arg_min(person.is_placed, (person.joined_on, person.participant_key)) as is_placed,
        arg_min(person.is_most_deprived, (person.joined_on, person.participant_key))
            as is_most_deprived,
        bool_and(person.is_window_closed) as is_window_closed,
        bool_or(person.has_entry) as has_entry,
        bool_or(person.has_entry_or_after) as has_entry_or_after,
        bool_or(person.is_13_due) as is_13_due,
        case
            when bool_or(person.is_13_sustained) filter (where person.is_13_due) then true
            when bool_and(person.is_13_sustained is not null) filter (where person.is_13_due)
                then false
        end as is_13_sustained,
        bool_or(person.is_26_due) as is_26_due,
        case
            when bool_or(person.is_26_sustained) filter (where person.is_26_due) then true
            when bool_and(person.is_26_sustained is not null) filter (where person.is_26_due)
                then false
        end as is_26_sustained,
        bool_or(person.had_digital) as had_digital
    from person
    group by person.body_code, person.household_key
),

barrier as (
    select
        barrier.body_code,
        barrier.participant_key,
        lower(barrier.barrier) as barrier
    from raw.skills_barriers as barrier
    inner join stage.hiw_supplies as supply
        on barrier.body_code = supply.body_code and barrier.extract_date = supply.extract_date
    inner join ref.skills_barriers as told
        on barrier.barrier = told.barrier and told.is_told
    group by barrier.body_code, barrier.participant_key, barrier.barrier
),

in_groups as (
    select
        member.*,
        unnest(
            [
                {'breakdown': 'all', 'value': 'all'},
                {'breakdown': 'lad', 'value': member.lad},
                {'breakdown': 'imd_quintile', 'value': member.imd_quintile},
                {'breakdown': 'age_band', 'value': member.age_band}
            ]
        ) as cell
    from member
    union all
    select
        member.*,
        {'breakdown': 'barrier', 'value': barrier.barrier} as cell
    from member
    inner join barrier
        on member.body_code = barrier.body_code and member.member_key = barrier.participant_key
    where member.base = 'participant'
)

select
    in_groups.body_code,
    in_groups.base,
    unnest([in_groups.financial_year, 'all']) as financial_year,
    in_groups.cell.breakdown as breakdown,
    in_groups.cell.value as breakdown_value,
    in_groups.member_key,
    in_groups.is_placed,
    in_groups.is_most_deprived,
    in_groups.is_window_closed,
    in_groups.has_entry,
    in_groups.has_entry_or_after,
    in_groups.is_13_due,
    in_groups.is_13_sustained,
    in_groups.is_26_due,
    in_groups.is_26_sustained,
    in_groups.had_digital
from in_groups
where in_groups.base = 'participant' or in_groups.cell.breakdown <> 'age_band'
