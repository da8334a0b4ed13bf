-- Grain: one indicator of one version of the baseline, year, breakdown value and edition; sealed.
-- Every version that was frozen: when a year is stated again, the old series stays beside the new one.
select
    frozen.indicator_id,
    frozen.financial_year,
    frozen.breakdown,
    frozen.breakdown_value,
    frozen.iod_edition,
    frozen.version,
    frozen.unit,
    frozen.measured_value as baseline_value,
    frozen.measured_value - before.measured_value as change_from_version_before,
    frozen.null_reason,
    not frozen.is_superseded as is_in_force,
    frozen.reason as version_reason,
    frozen.frozen_at,
    frozen.definition_hash,
    frozen.definition_hash is distinct from before.definition_hash and before.version is not null
        as definitions_changed,
    frozen.seal
from site.baseline_values as frozen
left join site.baseline_values as before
    on
        frozen.indicator_id = before.indicator_id
        and frozen.financial_year = before.financial_year
        and frozen.breakdown = before.breakdown
        and frozen.breakdown_value = before.breakdown_value
        and frozen.iod_edition is not distinct from before.iod_edition
        and frozen.version = before.version + 1
