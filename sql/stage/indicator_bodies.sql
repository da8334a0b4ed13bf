-- Grain: one body in one place where an indicator is told of it.
-- Bodies stand alone, each in a row of its own; the authority's own figure is that of all as well.
select
    bodies.body_code,
    'body' as breakdown,
    bodies.body_code as breakdown_value,
    bodies.body_name as breakdown_label
from site.bodies as bodies
union all
select
    bodies.body_code,
    'all' as breakdown,
    'all' as breakdown_value,
    'The authority' as breakdown_label
from site.bodies as bodies
where bodies.role = 'authority'
