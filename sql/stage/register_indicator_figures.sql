-- Grain: one indicator of one financial year, of all entries of its register or of one service.
-- What the registers say, added up as ref.register_kinds tells.
with entry as (
    select
        entries.register,
        entries.financial_year,
        entries.entry_name,
        entries.entry_value,
        entries.entry_base,
        kind.indicator_id,
        kind.aggregation,
        kind.breakdown as finer_breakdown
    from stage.register_entries as entries
    inner join ref.register_kinds as kind on entries.register = kind.register
    where kind.indicator_id is not null
),

cell as (
    select
        entry.indicator_id,
        entry.aggregation,
        entry.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        count(*) as entries,
        sum(entry.entry_value) as value_sum,
        sum(entry.entry_base) as base_sum
    from entry
    group by entry.indicator_id, entry.aggregation, entry.financial_year
    union all
    select
        entry.indicator_id,
        entry.aggregation,
        entry.financial_year,
        entry.finer_breakdown as breakdown,
        lower(entry.entry_name) as breakdown_value,
        min(entry.entry_name) as breakdown_label,
        count(*) as entries,
        sum(entry.entry_value) as value_sum,
        sum(entry.entry_base) as base_sum
    from entry
    where entry.finer_breakdown <> 'all'
    group by
        entry.indicator_id, entry.aggregation, entry.financial_year, entry.finer_breakdown,
        lower(entry.entry_name)
)

select
    cell.indicator_id,
    cell.financial_year,
    cell.breakdown,
    cell.breakdown_value,
    cell.breakdown_label,
    case cell.aggregation
        when 'sum' then cast(cell.value_sum as double)
        when 'count' then cast(cell.entries as double)
        when 'share' then share(cell.value_sum, cell.base_sum)
    end as measured_value,
    case cell.aggregation
        when 'count' then cast(cell.entries as double)
        else cast(cell.value_sum as double)
    end as numerator,
    case cell.aggregation when 'share' then cast(cell.base_sum as double) end as denominator,
    case when cell.aggregation = 'share' and cell.base_sum = 0 then 'zero_base' end as null_reason
from cell
inner join stage.indicator_years as years on cell.financial_year = years.financial_year
