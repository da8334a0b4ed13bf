-- Grain: one kind of value.
select
    kinds.value_type,
    kinds.schedule
from ref.impact_value_types as kinds
