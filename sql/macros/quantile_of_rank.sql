-- National quantile of a rank among n areas: ceil(rank * q / n), in integers. 1 is most deprived.
-- Rule: reproduces every published decile of both editions of the Indices; ntile() puts 15 or 16
-- areas into the wrong decile.
-- Example: quantile_of_rank(3375, 33755, 10) = 1; quantile_of_rank(3376, 33755, 10) = 2.
create macro quantile_of_rank(area_rank, n, q) as
    (cast(area_rank as bigint) * q + n - 1) // n
