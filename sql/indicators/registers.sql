-- Grain: one entry of one register in one financial year.
select
    entries.register,
    kind.register_label,
    entries.entry_ref,
    entries.financial_year,
    entries.entry_name,
    entries.entry_value,
    entries.entry_base,
    entries.entry_date,
    entries.has_policy,
    kind.unit,
    kind.indicator_id,
    entries.evidence,
    entries.entry_owner
from stage.register_entries as entries
inner join ref.register_kinds as kind on entries.register = kind.register
