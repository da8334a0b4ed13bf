-- The workforce by sex and grade, as people.profile will have it.
select
    profile.snapshot_date,
    'sex' as characteristic,
    profile.characteristic_group,
    profile.breakdown,
    profile.breakdown_value,
    profile.headcount as headcount_rounded,
    profile.share_all,
    cast(0.5 as double) as target,
    cast(null as varchar) as withheld,
    cast(null as varchar) as null_reasons
from ref.people_profile as profile
