-- Grain: one visit.
select
    visits.line_key,
    visits.member_key,
    visits.place_status,
    visits.visited_on,
    visits.club
from raw.members_visits as visits
