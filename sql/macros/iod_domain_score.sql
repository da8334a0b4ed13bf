-- Exponentially transformed score of a deprivation domain from its rank among n areas, 0 to 100:
-- X = -23 ln(1 - R(1 - exp(-100/23))), R = (n + 1 - rank) / n, rank 1 = most deprived.
-- Rule: the Indices of Deprivation add the seven X by the domain weights; 23 and 100 are the
-- constants of the published transformation. Checked on all rows of 2025 (gap at most 0.0007).
-- Example: round(iod_domain_score(1, 33755), 10) = 100.
create macro iod_domain_score(domain_rank, n) as
    -23.0e0 * ln(
        1.0e0 - (cast(n as double) + 1 - domain_rank) / n * (1.0e0 - exp(-100.0e0 / 23.0e0))
    )
