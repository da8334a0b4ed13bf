-- Grain: one grade and sex.
select
    profile.characteristic_group as sex,
    profile.breakdown_value as grade,
    profile.headcount_rounded as employees
from people.profile as profile
where profile.snapshot_date = date '2024-03-31' and profile.characteristic = 'sex'
