-- Grain: one member of a consortium and period.
-- The parts in which payments to a consortium go to its members, where they add up to the whole. A
-- period ends where it says, or where the next begins.
with members as (
    select
        match.supplier_key,
        member.valid_from,
        member.valid_to,
        tidy_text(member.member_name) as member_name,
        tidy_text(member.member_postcode) as postcode_text,
        member.member_share,
        row_number() over (
            partition by match.supplier_key, member.valid_from
            order by tidy_text(member.member_name), member.line_key
        ) as member_number
    from raw.spend_supplier_consortia as member
    inner join stage.supplier_list_rows as entry
        on entry.feed = 'supplier_consortia'
        and member.line_key = entry.line_key
    inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
),
periods as (
    select
        supplier_key,
        valid_from,
        sum(member_share) as shares,
        least(
            min(valid_to),
            cast(lead(valid_from) over (
                partition by supplier_key order by valid_from nulls first
            ) - interval 1 day as date)
        ) as valid_to
    from members
    group by supplier_key, valid_from
)

select
    members.supplier_key,
    members.valid_from,
    periods.valid_to,
    members.member_number,
    members.member_name,
    members.postcode_text,
    members.member_share
from members
inner join periods
    on members.supplier_key = periods.supplier_key
    and members.valid_from is not distinct from periods.valid_from
where periods.shares = 100
