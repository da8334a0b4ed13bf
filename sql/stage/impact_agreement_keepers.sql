-- Grain: one kind of agreement (all: every kind).
-- Whose lists of deliverables stand together, so that a figure without one of them is not taken for
-- a change of the figure with it.
select
    if(grouping(deliverable.agreement_kind) = 1, 'all', deliverable.agreement_kind) as agreement_kind,
    string_agg(distinct deliverable.submission, ', ' order by deliverable.submission) as keepers
from impact.deliverables as deliverable
where deliverable.is_announced
group by grouping sets ((deliverable.agreement_kind), ())
having count(*) > 0
