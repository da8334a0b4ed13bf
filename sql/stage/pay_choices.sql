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
    max(choice.choice) filter (where choice.option_name = 'quarter_ties') as quarter_ties,
    -- Units of a pound in which rates are compared at the edge of a quarter.
    max(case choice.choice when 'ten_thousandths' then 10000 when 'pence' then 100 end) filter (
        where choice.option_name = 'quarter_ties'
    ) as tie_units,
    string_agg(concat(choice.option_name, '=', choice.choice), ';' order by choice.option_name)
        as options
from choice
group by choice.body_code
