-- Money as a whole number of pence, for sums of squares that are exact. Rule: architecture section
-- 5 (money is never a DOUBLE).
-- Example: pence(-12.34) = -1234
create macro pence(amount_gbp) as
    cast(cast(amount_gbp as decimal(34, 2)) * 100 as hugeint)
