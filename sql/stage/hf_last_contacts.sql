-- Grain: one person of one body who was met.
-- A contact is a visit or call that came about, or an assessment that was done. The
-- newest extract counts, whole.
with newest_support as (
    select support.*
    from raw.housingfirst_support as support
    qualify
        support.extract_date
        = max(support.extract_date) over (partition by support.body_code)
),

newest_assessment as (
    select assessment.*
    from raw.housingfirst_assessment as assessment
    qualify
        assessment.extract_date
        = max(assessment.extract_date) over (partition by assessment.body_code)
),

contact as (
    select
        support.body_code,
        support.person_key,
        support.extract_date,
        support.support_date as met_on
    from newest_support as support
    where support.is_achieved
    union all
    select
        assessment.body_code,
        assessment.person_key,
        assessment.extract_date,
        assessment.done_date as met_on
    from newest_assessment as assessment
    where assessment.done_date is not null
)

select
    contact.body_code,
    contact.person_key,
    max(contact.met_on) as last_contact_on
from contact
where contact.met_on <= contact.extract_date
group by contact.body_code, contact.person_key
