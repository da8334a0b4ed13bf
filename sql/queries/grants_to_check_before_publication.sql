-- Which recipients of grants may be people, and are withheld until somebody gives a number or clears the name?
-- tier: spend
select
    grants.body_code,
    grants.grant_ref,
    grants.award_date,
    grants.recipient_name,
    grants.title,
    grants.awarded_gbp,
    grants.source_file,
    grants.source_row
from spend.grants as grants
where grants.recipient_may_be_person
order by grants.recipient_name, grants.body_code, grants.grant_ref
