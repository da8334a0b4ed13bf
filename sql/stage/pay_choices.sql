-- Grain: one body.
-- The choices that the regulations leave to the employer, for each body: its own, else that of all.
with choice as (
    select
        bodies.body_code,
        options.option_name,
        arg_max(options.choice, (options.body_code <> 'all', options.choice)) as choice
    from site.bodies as bodies
    inner join ref.pay_options as options
        on options.body_code in ('all', bodies.body_code)
    group by bodies.body_code, options.option_name
)

select
    choice.body_code,
    max(choice.choice) filter (where choice.option_name = 'jobs') as jobs,
    max(choice.choice) filter (where choice.option_name = 'part_period') as part_period,
    string_agg(concat(choice.option_name, '=', choice.choice), ';' order by choice.option_name)
        as options
from choice
group by choice.body_code
