-- Pay gaps by sex and grade, as people.gaps will have them.
select
    gaps.snapshot_date,
    'sex' as characteristic,
    'male' as comparator_group,
    'female' as focal_group,
    gaps.breakdown,
    gaps.breakdown_value,
    gaps.measure,
    gaps.gap as gap_pct,
    gaps.focal as n_focal_rounded,
    gaps.comparator as n_comparator_rounded,
    false as suppressed,
    cast(null as varchar) as null_reason
from ref.people_gaps as gaps
