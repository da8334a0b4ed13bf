-- Sum whose result does not depend on the order of the rows: each value is taken to ten decimals
-- first. A sum over DOUBLE differs in the last digits from run to run when threads share the work.
-- Example: (select exact_sum(x) from unnest([0.1e0, 0.2e0, 0.3e0]) as amounts (x)) = 0.6.
create macro exact_sum(x) as
    sum(cast(x as decimal(38, 10)))
