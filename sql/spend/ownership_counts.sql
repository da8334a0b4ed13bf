-- Grain: one group of one characteristic, of one kind of organisation in one financial year of one body.
-- How many organisations say that more than half of them is owned or led by people of the group, beside
-- how many answered the question and how many were asked. No money and no place: with either, a count
-- would be a list of names.
with asked as (
    select
        answers.body_code,
        answers.financial_year,
        answers.relation,
        answers.role,
        answers.characteristic,
        count(*) as asked,
        count(answers.group_code) as answered
    from stage.ownership_answers as answers
    group by
        answers.body_code, answers.financial_year, answers.relation, answers.role,
        answers.characteristic
)

select
    asked.body_code,
    asked.financial_year,
    asked.relation,
    asked.role,
    asked.characteristic,
    lower(groups.group_code) as group_code,
    groups.group_label,
    count(answers.organisation_key) as organisations_rounded,
    asked.answered as answered_rounded,
    asked.asked as asked_rounded,
    share(count(answers.organisation_key), asked.answered) as organisations_share,
    cast(null as varchar) as withheld,
    null_reasons(
        [['organisations_share', case when asked.answered = 0 then 'zero_base' end]]
    ) as null_reasons
from asked
inner join ref.ownership_groups as groups
    on asked.characteristic = lower(groups.characteristic)
left join stage.ownership_answers as answers
    on
        asked.body_code = answers.body_code
        and asked.financial_year = answers.financial_year
        and asked.relation = answers.relation
        and asked.role = answers.role
        and asked.characteristic = answers.characteristic
        and answers.group_code = lower(groups.group_code)
group by
    asked.body_code, asked.financial_year, asked.relation, asked.role, asked.characteristic,
    groups.group_code, groups.group_label, asked.answered, asked.asked
