-- Upper end of the Wilson interval of a proportion: part of whole, z the quantile of the normal
-- distribution. Null when there is no whole, or the
-- part is not known: greatest() and least() pass over what is null.
-- Example: round(wilson_high(57, 950, 1.959964), 6) = 0.076947; wilson_high(null, 950, 1.959964) is null.
-- publish: true
create macro wilson_high(part, whole, z) as
    case
        when whole > 0 and part is not null and z is not null then least(
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
