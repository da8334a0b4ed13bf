-- Grain: one system.
select
    systems.system,
    systems.enters_net_additional,
    systems.is_redistributable
from ref.impact_systems as systems
