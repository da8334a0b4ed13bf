-- Upper end of the Wilson interval of a proportion: part of whole, z the quantile of the normal
-- distribution. Null when there is no whole.
-- Example: wilson_high(57, 950, 1.959964) = 0.076947.
-- publish: true
create macro wilson_high(part, whole, z) as
    case
        when whole > 0 then least(
            1,
            (
                cast(part as double) / whole + z * z / (2.0 * whole)
                + z * sqrt(
                    cast(part as double) / whole * (1 - cast(part as double) / whole) / whole
                    + z * z / (4.0 * whole * whole)
                )
            ) / (1 + z * z / whole)
        )
    end
