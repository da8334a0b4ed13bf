-- Grain: one system.
select
    systems.system,
    systems.enters_net_additional
from ref.impact_systems as systems
