-- Grain: one kind of contact by one source.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_pairs')
            as least_pairs,
        max(parameters.parameter_value) filter (where parameters.parameter = 'days_per_year')
            as days_per_year
    from ref.hf_parameters as parameters
),

summed as (
    select
        contact.body_code,
        contact.measure,
        contact.information_source,
        count(*) as people,
        sum(contact.days_before) as days,
        sum(contact.contacts_before) as contacts_before,
        sum(contact.contacts_after) as contacts_after
    from stage.hf_contacts as contact
    where contact.rate_before is not null and contact.rate_after is not null
    group by contact.body_code, contact.measure, contact.information_source
),

judged as (
    select
        summed.*,
        cast(summed.days as double) / cast(parameter.days_per_year as double) as person_years,
        summed.people >= parameter.least_pairs as is_told
    from summed
    cross join parameter
)

select
    judged.body_code,
    judged.measure,
    measures.measure_label,
    judged.information_source,
    judged.people,
    judged.person_years,
    case when judged.is_told then judged.contacts_before end as contacts_before,
    case when judged.is_told then judged.contacts_after end as contacts_after,
    case when judged.is_told then share(judged.contacts_before, judged.person_years) end
        as rate_before,
    case when judged.is_told then share(judged.contacts_after, judged.person_years) end
        as rate_after,
    case when not judged.is_told then 'too_few_pairs' end as null_reason
from judged
inner join ref.hf_outcome_measures as measures
    on judged.measure = measures.measure
