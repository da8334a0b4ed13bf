-- Grain: one person of one body who was met.
-- A contact is a visit or call that came about, or an assessment that was done, in the extract that
-- counts.
with contact as (
    select
        support.body_code,
        support.person_key,
        support.extract_date,
        support.support_date as met_on
    from raw.housingfirst_support as support
    inner join stage.hf_supplies as supply
        on support.body_code = supply.body_code and support.extract_date = supply.extract_date
    where support.is_achieved
    union all
    select
        assessment.body_code,
        assessment.person_key,
        assessment.extract_date,
        assessment.done_date as met_on
    from raw.housingfirst_assessment as assessment
    inner join stage.hf_supplies as supply
        on assessment.body_code = supply.body_code and assessment.extract_date = supply.extract_date
    where assessment.done_date is not null
)

select
    contact.body_code,
    contact.person_key,
    max(contact.met_on) as last_contact_on
from contact
where contact.met_on <= contact.extract_date
group by contact.body_code, contact.person_key
