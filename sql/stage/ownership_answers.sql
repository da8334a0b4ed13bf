-- Grain: one question to one organisation in one financial year.
-- An answer stands while its consent does: from the run after a withdrawal the organisation was asked and
-- has not answered. So it is with one that prefers not to say.
with settled as (
    select
        answers.body_code,
        answers.financial_year,
        lower(answers.relation) as relation,
        lower(answers.role) as role,
        answers.characteristic,
        answers.organisation_key,
        case
            when answers.consent_given is not null and answers.consent_withdrawn is null
                then answers.answer
        end as answer,
        answers.consent_withdrawn is not null as is_withdrawn
    from raw.ownership_characteristics as answers
)

select
    settled.body_code,
    settled.financial_year,
    settled.relation,
    settled.role,
    lower(settled.characteristic) as characteristic,
    settled.organisation_key,
    lower(groups.group_code) as group_code,
    settled.is_withdrawn
from settled
left join ref.ownership_groups as groups
    on settled.characteristic = groups.characteristic and settled.answer = groups.group_code
