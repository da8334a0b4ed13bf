-- Share of a whole as a fraction, null when the whole is zero or unknown.
-- Rule: an undefined share is null with a reason beside it, never 0 and never infinity.
-- Example: share(25, 80) = 0.3125; share(0, 0) is null.
-- publish: true
create macro share(numerator, denominator) as
    case
        when denominator is null or denominator = 0 then null
        else cast(numerator as double) / cast(denominator as double)
    end
