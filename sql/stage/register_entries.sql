-- Grain: one entry of one register in one financial year.
select
    entries.register,
    entries.entry_ref,
    entries.financial_year,
    entries.entry_name,
    cast(entries.entry_value as decimal(18, 4)) as entry_value,
    cast(entries.entry_base as decimal(18, 4)) as entry_base,
    entries.entry_date,
    entries.has_policy,
    entries.evidence,
    entries.entry_owner
from raw.registers_entries as entries
