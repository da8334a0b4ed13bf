-- Grain: one unit value of one version of one system, in one submission.
-- What a site loads goes before what is shipped under the same code.
with shipped as (
    select
        'SHARED' as submission,
        open_values.system,
        open_values.system_version,
        open_values.proxy_code,
        open_values.label,
        open_values.unit,
        open_values.value_type,
        open_values.duration_basis,
        false as is_discounted,
        'no' as net_of_deadweight,
        'no' as net_of_attribution,
        'no' as net_of_displacement,
        false as is_global,
        cast(null as varchar) as parent_code,
        cast(open_values.value_gbp as double) as value_gbp,
        open_values.price_year,
        'calendar' as price_basis,
        'HM Treasury and DHSC (ref.impact_open_values)' as value_source
    from ref.impact_open_values as open_values
    union all
    -- Each kind of value of a cost is a unit value of its own: a cost that is fiscal and social is never one sum.
    select
        'SHARED' as submission,
        'gmca' as system,
        '1.4' as system_version,
        costs.cost_code || '-' || upper(costs.value_type) as proxy_code,
        costs.label,
        costs.unit,
        costs.value_type,
        costs.duration_basis,
        false as is_discounted,
        'no' as net_of_deadweight,
        'no' as net_of_attribution,
        'no' as net_of_displacement,
        false as is_global,
        costs.parent_code || '-' || upper(costs.value_type) as parent_code,
        cast(costs.value_gbp as double) as value_gbp,
        costs.price_year,
        'financial' as price_basis,
        'GMCA Unit Cost Database v1.4 (ref.impact_gmca_unit_costs)' as value_source
    from ref.impact_gmca_unit_costs as costs
),

loaded as (
    select
        proxies.submission,
        proxies.system,
        proxies.system_version,
        proxies.proxy_code,
        proxies.label,
        proxies.unit,
        proxies.value_type,
        proxies.duration_basis,
        proxies.is_discounted,
        proxies.net_of_deadweight,
        proxies.net_of_attribution,
        proxies.net_of_displacement,
        coalesce(proxies.scope = 'global', false) as is_global,
        proxies.parent_code,
        cast(proxies.value_gbp as double) as value_gbp,
        proxies.price_year,
        coalesce(proxies.price_basis, 'calendar') as price_basis,
        proxies.value_source
    from raw.impact_proxies as proxies
),

together as (
    select * from loaded
    union all
    select shipped.*
    from shipped
    left join loaded
        on
            shipped.submission = loaded.submission
            and shipped.system = loaded.system
            and shipped.system_version = loaded.system_version
            and shipped.proxy_code = loaded.proxy_code
    where loaded.proxy_code is null
)

select
    together.submission,
    together.system,
    together.system_version,
    together.proxy_code,
    together.label,
    together.unit,
    together.value_type,
    together.duration_basis,
    together.is_discounted,
    together.net_of_deadweight,
    together.net_of_attribution,
    together.net_of_displacement,
    together.is_global,
    together.parent_code,
    together.value_gbp,
    together.price_year,
    together.price_basis,
    together.value_source
from together
