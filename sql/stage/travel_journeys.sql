-- Grain: one message of one boarding.
-- Every boarding with what is odd about it, day by day: a row looks at other rows of its own day alone.
-- Methods A7 and F say what each flag means, ref.travel_problems what follows.
with messages as (
    select
        raw.feed * 281474976710656
        + date_diff('day', date '1970-01-01', raw.file_day) * 4294967296
        + raw._source_row as journey_key,
        travel_event_local(raw.event_local, raw.event_dts) as boarded_local,
        travel_record_day(
            travel_event_local(raw.event_local, raw.event_dts), raw.received_at, raw.file_day
        ) as record_day,
        travel_clock_is_wrong(
            travel_event_local(raw.event_local, raw.event_dts), raw.received_at
        ) as has_wrong_clock,
        raw.received_at,
        raw.isam_id,
        raw.isam_seq,
        raw.card_key,
        coalesce(raw.card_iteration, 0) as card_iteration,
        raw.oid,
        raw.cpicc,
        lower(raw.pass_type_on_card) as pass_type_on_card,
        raw.source_system,
        raw.operator_code,
        raw.service,
        raw.direction,
        raw.duty,
        raw.machine,
        raw.board_locdef,
        raw.board_code,
        raw.board_atco,
        lower(raw.mode) as mode,
        coalesce(lower(raw.entry_mode), 'smart') as entry_mode,
        raw.fare_forgone_gbp
    from raw.travel_journeys as raw
),

-- Messages of one chip in the order of their numbers: the same number again is the same message, and a
-- time far from those before and after is a wrong clock.
sequenced as (
    select
        messages.*,
        coalesce(lag(messages.isam_seq) over chip = messages.isam_seq, false)
            as is_exact_duplicate,
        messages.has_wrong_clock
        or coalesce(
            abs(date_diff('minute', lag(messages.boarded_local) over chip, messages.boarded_local))
            > parameters.machine_offset_hours * 60
            and abs(
                date_diff('minute', lead(messages.boarded_local) over chip, messages.boarded_local)
            ) > parameters.machine_offset_hours * 60,
            false
        ) as is_clock_error,
        parameters.passback_minutes,
        parameters.peak_ends_minute
    from messages
    cross join ref.travel_parameters as parameters
    window
        chip as (
            partition by messages.record_day, messages.isam_id
            order by messages.isam_seq, messages.received_at, messages.journey_key
        )
),

-- Taps of one card on one machine: those before it within minutes.
neighboured as (
    select
        sequenced.*,
        lag(sequenced.boarded_local) over card_on_machine as tap_before,
        lag(sequenced.boarded_local, 2) over card_on_machine as tap_before_that
    from sequenced
    window
        card_on_machine as (
            partition by
                sequenced.record_day, sequenced.card_key, sequenced.card_iteration,
                sequenced.machine, sequenced.is_exact_duplicate
            order by sequenced.boarded_local, sequenced.isam_seq, sequenced.journey_key
        )
),

-- Concessions that were keyed without a card, and how many followed on the machine within minutes.
keyed as (
    select
        sequenced.record_day,
        sequenced.journey_key,
        sequenced.machine,
        sequenced.boarded_local,
        count(*) over (
            partition by sequenced.record_day, sequenced.machine
            order by sequenced.boarded_local
            range between current row and to_minutes(parameters.ghost_minutes) following
        ) as taps_from_here
    from sequenced
    cross join ref.travel_parameters as parameters
    where
        sequenced.entry_mode = 'manual'
        and sequenced.card_key is null
        and not sequenced.is_exact_duplicate
        and not sequenced.is_clock_error
),

ghosts as (
    select
        keyed.record_day,
        keyed.journey_key,
        max(keyed.taps_from_here) over (
            partition by keyed.record_day, keyed.machine
            order by keyed.boarded_local
            range between to_minutes(parameters.ghost_minutes) preceding and current row
        ) >= parameters.ghost_taps as is_ghost
    from keyed
    cross join ref.travel_parameters as parameters
),

-- Duties on which far more was keyed than on others of the operator that day.
duties as (
    select
        sequenced.record_day,
        sequenced.source_system,
        sequenced.operator_code,
        sequenced.duty,
        share(
            count(*) filter (where sequenced.entry_mode = 'manual' and sequenced.card_key is null),
            count(*)
        ) as keyed_share
    from sequenced
    where sequenced.duty is not null
    group by
        sequenced.record_day, sequenced.source_system, sequenced.operator_code, sequenced.duty
),

usual as (
    select
        duties.record_day,
        duties.source_system,
        duties.operator_code,
        quantile_disc(duties.keyed_share, 0.99) as high_share
    from duties
    cross join ref.travel_parameters as parameters
    group by
        duties.record_day, duties.source_system, duties.operator_code, parameters.keyed_duties
    having count(*) >= parameters.keyed_duties
),

high_duties as (
    select
        duties.record_day,
        duties.source_system,
        duties.operator_code,
        duties.duty
    from duties
    inner join usual
        on
            duties.record_day = usual.record_day
            and duties.source_system = usual.source_system
            and duties.operator_code = usual.operator_code
    where duties.keyed_share > usual.high_share
),

known as (
    select
        neighboured.record_day,
        neighboured.journey_key,
        neighboured.boarded_local,
        hour(neighboured.boarded_local) * 60 + minute(neighboured.boarded_local)
            as minute_of_day,
        neighboured.service,
        neighboured.direction,
        neighboured.board_locdef,
        neighboured.board_code,
        neighboured.board_atco,
        neighboured.mode,
        neighboured.entry_mode,
        neighboured.fare_forgone_gbp,
        neighboured.peak_ends_minute,
        operators.noc as operator,
        cards.pass_key,
        cards.person_key,
        coalesce(
            cards.issuing_authority,
            issuers.issuing_authority,
            case when neighboured.card_key is not null then 'other' end
        ) as issuing_authority,
        coalesce(cards.pass_type, neighboured.pass_type_on_card) as pass_type,
        cards.lsoa11_code,
        cards.lsoa21_code,
        cards.place_status,
        days.is_working_day,
        case
            when
                neighboured.is_clock_error
                or hour(neighboured.boarded_local) * 60 + minute(neighboured.boarded_local)
                < coalesce(days.odd_from_minute, 1440)
                or hour(neighboured.boarded_local) * 60 + minute(neighboured.boarded_local)
                >= days.odd_until_minute
                then null
            else days.odd_status
        end as odd_status,
        case
            when
                hour(neighboured.boarded_local) * 60 + minute(neighboured.boarded_local)
                < coalesce(days.odd_from_minute, 0)
                then days.offset_before_change
            else days.offset_after_change
        end as offset_minutes,
        neighboured.is_clock_error,
        neighboured.is_exact_duplicate,
        coalesce(
            neighboured.card_key is not null
            and not neighboured.is_exact_duplicate
            and neighboured.boarded_local
            <= neighboured.tap_before + to_minutes(neighboured.passback_minutes),
            false
        ) as is_second_tap,
        coalesce(
            neighboured.tap_before
            <= neighboured.tap_before_that + to_minutes(neighboured.passback_minutes),
            false
        ) as is_later_tap,
        coalesce(cards.companion_allowed, false) as companion_allowed,
        coalesce(cards.is_hotlisted, false) as is_hotlisted_use,
        coalesce(neighboured.record_day >= cards.dead_from, false) as is_use_after_death,
        coalesce(neighboured.record_day > cards.expiry_date, false) as is_expired_use,
        coalesce(neighboured.record_day > cards.ended_on, false) as is_ended_pass_use,
        coalesce(neighboured.record_day < cards.valid_from, false) as is_before_issue,
        neighboured.card_key is not null as has_card,
        cards.pass_key is not null as is_linked,
        coalesce(neighboured.oid = '8189', false) as is_paper,
        coalesce(ghosts.is_ghost, false) as is_ghost_boarding_suspect,
        high_duties.duty is not null
        and neighboured.entry_mode = 'manual'
        and neighboured.card_key is null as is_keyed_share_high
    from neighboured
    left join stage.travel_cards as cards
        on
            neighboured.card_key = cards.card_key
            and neighboured.card_iteration = cards.card_iteration
            and neighboured.record_day >= cards.from_day
            and neighboured.record_day < cards.until_day
    left join stage.travel_issuers as issuers
        on neighboured.cpicc = issuers.cpicc
    left join stage.travel_operators as operators
        on
            neighboured.source_system = operators.source_system
            and neighboured.operator_code = operators.source_code
            and neighboured.record_day >= operators.valid_from
            and neighboured.record_day < operators.valid_until
    left join stage.travel_days as days
        on cast(neighboured.boarded_local as date) = days.calendar_date
    left join ghosts
        on
            neighboured.record_day = ghosts.record_day
            and neighboured.journey_key = ghosts.journey_key
    left join high_duties
        on
            neighboured.record_day = high_duties.record_day
            and neighboured.source_system = high_duties.source_system
            and neighboured.operator_code = high_duties.operator_code
            and neighboured.duty = high_duties.duty
),

flagged as (
    select
        known.*,
        known.is_second_tap and known.companion_allowed and not known.is_later_tap
            as is_companion_journey,
        known.is_second_tap and not (known.companion_allowed and not known.is_later_tap)
            as is_passback,
        known.has_card and known.issuing_authority = 'other' as is_visitor,
        known.has_card and not known.is_linked and known.issuing_authority <> 'other'
            as is_unknown_card,
        not known.has_card and not known.is_paper and known.entry_mode <> 'smart'
            as is_unlinked_manual,
        not known.has_card and known.is_paper as is_paper_ticket,
        not known.has_card and not known.is_paper and known.entry_mode = 'smart'
            as is_unlinked_card,
        coalesce(known.odd_status = 'ambiguous', false) as is_ambiguous_local_time,
        coalesce(known.odd_status = 'nonexistent', false) as is_nonexistent_local_time
    from known
),

judged as (
    select
        flagged.*,
        not (
            flagged.is_exact_duplicate
            or flagged.is_passback
            or flagged.is_clock_error
            or flagged.is_ghost_boarding_suspect
        ) as is_journey
    from flagged
)

select
    judged.record_day,
    judged.journey_key,
    case when not judged.is_clock_error then judged.record_day end as service_day,
    case when not judged.is_clock_error then cast(judged.boarded_local as date) end
        as calendar_day,
    judged.boarded_local,
    case
        when not judged.is_clock_error and judged.odd_status is null
            then make_timestamptz(
                epoch_us(judged.boarded_local - to_minutes(judged.offset_minutes))
            )
    end as boarded_at,
    case
        when judged.is_clock_error then 'unknown'
        else coalesce(judged.odd_status, 'ok')
    end as local_time_status,
    judged.operator,
    judged.service,
    judged.direction,
    judged.board_atco as stop,
    judged.board_locdef,
    judged.board_code,
    judged.mode,
    judged.entry_mode,
    judged.pass_key,
    judged.person_key,
    judged.issuing_authority,
    judged.pass_type,
    judged.lsoa11_code,
    judged.lsoa21_code,
    judged.place_status,
    not judged.is_clock_error
    and coalesce(judged.is_working_day, false)
    and judged.minute_of_day < judged.peak_ends_minute as is_peak,
    case
        when not judged.is_clock_error and pass_times.pass_type is not null
            then travel_is_free(
                judged.boarded_local,
                judged.is_working_day,
                pass_times.morning_from,
                pass_times.morning_until,
                pass_times.evening_after
            )
    end as is_free,
    judged.fare_forgone_gbp,
    judged.is_journey,
    judged.is_journey
    and judged.is_linked
    and not (
        judged.is_companion_journey
        or judged.is_visitor
        or judged.is_hotlisted_use
        or judged.is_use_after_death
        or judged.is_expired_use
        or judged.is_ended_pass_use
        or judged.is_before_issue
    ) as counts_for_reach,
    judged.is_exact_duplicate,
    judged.is_passback,
    judged.is_companion_journey,
    judged.is_clock_error,
    judged.is_hotlisted_use,
    judged.is_use_after_death,
    judged.is_expired_use,
    judged.is_ended_pass_use,
    judged.is_before_issue,
    judged.is_visitor,
    judged.is_unknown_card,
    judged.is_unlinked_manual,
    judged.is_paper_ticket,
    judged.is_unlinked_card,
    judged.is_ghost_boarding_suspect,
    judged.is_keyed_share_high,
    judged.is_ambiguous_local_time,
    judged.is_nonexistent_local_time
from judged
left join ref.travel_pass_times as pass_times
    on
        judged.issuing_authority = pass_times.issuing_authority
        and judged.pass_type = pass_times.pass_type
