-- Grain: one indicator of one financial year and breakdown value, and edition of the Indices.
-- The figures of every part of the warehouse, in one shape. A pipeline that brings a measure adds
-- its figures here.
select
    spend.indicator_id,
    spend.financial_year,
    spend.breakdown,
    spend.breakdown_value,
    spend.breakdown_label,
    cast(null as varchar) as iod_edition,
    spend.figure_basis,
    spend.measured_value,
    spend.numerator,
    spend.denominator,
    spend.bound_low,
    spend.bound_high,
    spend.completeness_share,
    spend.null_reason
from stage.spend_indicator_figures as spend
union all
select
    register.indicator_id,
    register.financial_year,
    register.breakdown,
    register.breakdown_value,
    register.breakdown_label,
    cast(null as varchar) as iod_edition,
    register.figure_basis,
    register.measured_value,
    register.numerator,
    register.denominator,
    register.bound_low,
    register.bound_high,
    register.completeness_share,
    register.null_reason
from stage.register_indicator_figures as register
