-- Grain: one figure that others published, or one part of it.
-- Parts that do not make their total are a question to whoever printed them: both stand as
-- printed, and nothing is adjusted (B-22). They stand beside figures of the service: a site
-- without it has none.
with service as (
    select count(*) > 0 as is_supplied
    from stage.hf_cases as cases
),

total as (
    select
        published.topic,
        published.measure,
        published.period,
        count(*) filter (where published.part <> 'all') as parts,
        exact_sum(case when published.part <> 'all' then published.published_value end)
            as parts_total,
        max(published.published_value) filter (where published.part = 'all') as whole
    from ref.hf_published as published
    group by published.topic, published.measure, published.period
)

select
    published.topic,
    published.measure,
    published.period,
    published.part,
    published.published_value,
    published.value_is,
    published.unit,
    published.published_by,
    case when total.parts > 0 then total.parts_total end as parts_total,
    case
        when total.parts > 0 and total.parts_total <> total.whole then 'parts_do_not_add_up'
    end as query
from ref.hf_published as published
inner join total
    on
        published.topic = total.topic
        and published.measure = total.measure
        and published.period = total.period
inner join service
    on service.is_supplied
