-- Grain: one time in which nothing of one card changed.
-- What a boarding with the card needs to know of it: the pass, whether the card was stopped, and where its
-- holder lived. Times of a card follow each other, so that a boarding meets one row at most.
with cards as (
    select
        passes.card_key,
        passes.card_iteration,
        passes.pass_key,
        passes.person_key,
        passes.pass_type,
        passes.issuing_authority,
        passes.companion_allowed,
        passes.valid_from,
        passes.expiry_date,
        passes.ended_on,
        passes.dead_from,
        -- A card may carry one pass after the other.
        case
            when
                row_number() over (
                    partition by passes.card_key, passes.card_iteration
                    order by passes.valid_from, passes.pass_key
                ) = 1
                then date '1900-01-01'
            else passes.valid_from
        end as from_day,
        coalesce(
            lead(passes.valid_from) over (
                partition by passes.card_key, passes.card_iteration
                order by passes.valid_from, passes.pass_key
            ),
            date '9999-12-31'
        ) as until_day
    from stage.travel_passes as passes
    where passes.card_key is not null
),

steps as (
    select
        cards.card_key,
        cards.card_iteration,
        cards.pass_key,
        cards.from_day
    from cards
    union
    select
        cards.card_key,
        cards.card_iteration,
        cards.pass_key,
        addresses.from_day
    from cards
    inner join stage.travel_addresses as addresses
        on cards.person_key = addresses.person_key
    where addresses.from_day > cards.from_day and addresses.from_day < cards.until_day
    union
    select
        cards.card_key,
        cards.card_iteration,
        cards.pass_key,
        unnest([hotlist.from_day, hotlist.until_day]) as from_day
    from cards
    inner join stage.travel_hotlist as hotlist
        on cards.pass_key = hotlist.pass_key
    where hotlist.from_day < cards.until_day and hotlist.until_day > cards.from_day
),

times as (
    select
        steps.card_key,
        steps.card_iteration,
        steps.pass_key,
        greatest(steps.from_day, cards.from_day) as from_day,
        lead(steps.from_day, 1, cards.until_day) over (
            partition by steps.card_key, steps.card_iteration, steps.pass_key
            order by steps.from_day
        ) as until_day,
        cards.person_key,
        cards.pass_type,
        cards.issuing_authority,
        cards.companion_allowed,
        cards.valid_from,
        cards.expiry_date,
        cards.ended_on,
        cards.dead_from
    from steps
    inner join cards
        on steps.pass_key = cards.pass_key
    where steps.from_day < cards.until_day
)

select
    times.card_key,
    times.card_iteration,
    times.from_day,
    times.until_day,
    times.pass_key,
    times.person_key,
    times.pass_type,
    times.issuing_authority,
    times.companion_allowed,
    times.valid_from,
    times.expiry_date,
    times.ended_on,
    times.dead_from,
    hotlist.pass_key is not null as is_hotlisted,
    addresses.lsoa11_code,
    addresses.lsoa21_code,
    coalesce(addresses.place_status, 'missing') as place_status
from times
left join stage.travel_addresses as addresses
    on
        times.person_key = addresses.person_key
        and times.from_day >= addresses.from_day
        and times.from_day < addresses.until_day
left join stage.travel_hotlist as hotlist
    on
        times.pass_key = hotlist.pass_key
        and times.from_day >= hotlist.from_day
        and times.from_day < hotlist.until_day
where times.from_day < times.until_day
