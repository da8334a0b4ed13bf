-- Grain: one member.
select
    members.member_key,
    members.age_band,
    members.home_lsoa21_code as lsoa21_code,
    members.home_place_status as place_status,
    members.club
from raw.members_members as members
