-- Grain: one fund in one financial year and submission.
select
    jobs.submission,
    jobs.fund,
    jobs.financial_year,
    cast(jobs.verified_jobs as bigint) as verified_jobs,
    cast(jobs.resident_jobs as bigint) as resident_jobs,
    cast(jobs.deprived_jobs as bigint) as deprived_jobs,
    cast(coalesce(jobs.unknown_home_jobs, 0) as bigint) as unknown_home_jobs,
    jobs.iod_edition
from raw.impact_jobs as jobs
