-- Sum whose result does not depend on the order of the rows: each value is taken to ten decimals
-- first. A sum over DOUBLE differs in the last digits from run to run when threads share the work.
-- Example: exact_sum(amount) over 0.1, 0.2, 0.3 = 0.6000000000.
create macro exact_sum(x) as
    sum(cast(x as decimal(38, 10)))
