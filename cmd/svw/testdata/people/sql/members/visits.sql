-- Grain: one visit.
select
    visits.line_key,
    visits.member_key,
    members.age_band,
    members.lsoa21_code,
    visits.place_status as from_place_status,
    visits.visited_on,
    visits.club
from stage.members_visits as visits
left join stage.members_members as members on visits.member_key = members.member_key
