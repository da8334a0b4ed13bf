-- Grain: one body.
select
    bodies.body_code,
    bodies.body_name as employer_name,
    employers.employer_id
from site.bodies as bodies
left join ref.gov_uk_employers as employers
    on bodies.body_code = employers.body_code
