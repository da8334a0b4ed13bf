-- The macro postcode_area_kind and ref.postcode_area are the same list: the macro cannot read a
-- table, and the list is wanted with names and marks. Rows offend where the two differ, or where
-- the directories hold an area neither knows.
with known as (
    select
        postcode_area.postcode_area,
        postcode_area.kind
    from ref.postcode_area as postcode_area
),

held as (
    select postcode_area.postcode_area
    from stage.postcode_area as postcode_area
)

select
    coalesce(known.postcode_area, held.postcode_area) as postcode_area,
    known.kind as listed_kind,
    postcode_area_kind(coalesce(known.postcode_area, held.postcode_area)) as macro_kind
from known
full outer join held
    on known.postcode_area = held.postcode_area
where
    known.postcode_area is null
    or postcode_area_kind(known.postcode_area) <> known.kind
