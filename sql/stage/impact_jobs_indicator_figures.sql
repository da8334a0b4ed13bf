-- Grain: one indicator of one financial year and home area.
-- IN03: of the verified jobs that investments and grants created or safeguarded, those held by people
-- who live in the city region (all), and by people of its deciles 1 and 2. The value is the least it
-- can be; the upper bound takes each home that is not known for one there.
with part as (
    select
        jobs.financial_year,
        jobs.jobs,
        jobs.unknown_home_jobs,
        figure.breakdown,
        figure.breakdown_value,
        figure.breakdown_label,
        figure.iod_edition,
        figure.part_jobs,
        figure.null_reason
    from impact.jobs as jobs
    cross join unnest([
        {
            'breakdown': 'all', 'breakdown_value': 'all', 'breakdown_label': 'All',
            'iod_edition': cast(null as varchar), 'part_jobs': jobs.resident_jobs,
            'null_reason': json_extract_string(jobs.null_reasons, '$.resident_jobs')
        },
        {
            'breakdown': 'home_area', 'breakdown_value': 'most_deprived',
            'breakdown_label': 'Deciles 1 and 2', 'iod_edition': jobs.iod_edition,
            'part_jobs': jobs.deprived_jobs,
            'null_reason': json_extract_string(jobs.null_reasons, '$.deprived_jobs')
        }
    ]) as listed(figure)
)

select
    'IN03' as indicator_id,
    part.financial_year,
    part.breakdown,
    part.breakdown_value,
    part.breakdown_label,
    part.iod_edition,
    share(part.part_jobs, part.jobs) as measured_value,
    cast(part.part_jobs as double) as numerator,
    case when part.part_jobs is not null then cast(part.jobs as double) end as denominator,
    share(part.part_jobs, part.jobs) as bound_low,
    share(part.part_jobs + part.unknown_home_jobs, part.jobs) as bound_high,
    case
        when part.part_jobs is not null
            then share(part.jobs - part.unknown_home_jobs, part.jobs)
    end as completeness_share,
    coalesce(part.null_reason, case when part.jobs = 0 then 'zero_base' end) as null_reason
from part
inner join stage.indicator_years as years on part.financial_year = years.financial_year
