-- Grain: one financial year.
-- Verified jobs of all funds together, by where those live who hold them. Jobs are people: a part is
-- withheld where it, or what it leaves of the part above, is fewer people than may be shown. Funds
-- stand in no row of their own, so no part can be worked out from others.
with least as (
    -- No row, and so no figure at all, where a site's own parameters do not say it.
    select parameters.parameter_value as people
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'least_people_shown'
),

summed as (
    select
        jobs.financial_year,
        cast(sum(jobs.verified_jobs) as bigint) as jobs,
        cast(sum(jobs.resident_jobs) as bigint) as resident_jobs,
        cast(sum(jobs.deprived_jobs) as bigint) as deprived_jobs,
        cast(sum(jobs.unknown_home_jobs) as bigint) as unknown_home_jobs,
        min(jobs.iod_edition) as iod_edition,
        count(*) = count(jobs.deprived_jobs) as all_state_deciles,
        count(distinct jobs.iod_edition) as editions
    from stage.impact_jobs as jobs
    group by jobs.financial_year
),

judged as (
    select
        summed.*,
        case when summed.jobs between 1 and least.people - 1 then 'withheld' end as jobs_reason,
        case
            when
                summed.jobs between 1 and least.people - 1
                or summed.resident_jobs between 1 and least.people - 1
                or summed.jobs - summed.resident_jobs - summed.unknown_home_jobs between 1 and least.people - 1
                then 'withheld'
        end as resident_reason,
        case
            when not summed.all_state_deciles then 'not_stated'
            when summed.editions > 1 then 'not_added'
            when
                summed.deprived_jobs between 1 and least.people - 1
                or summed.resident_jobs - summed.deprived_jobs between 1 and least.people - 1
                then 'withheld'
        end as deprived_reason
    from summed
    cross join least
)

select
    judged.financial_year,
    case when judged.jobs_reason is null then judged.jobs end as jobs,
    case when judged.resident_reason is null then judged.resident_jobs end as resident_jobs,
    case when coalesce(judged.resident_reason, judged.deprived_reason) is null then judged.deprived_jobs end
        as deprived_jobs,
    case when judged.resident_reason is null then judged.unknown_home_jobs end as unknown_home_jobs,
    case when coalesce(judged.resident_reason, judged.deprived_reason) is null then judged.iod_edition end
        as iod_edition,
    null_reasons([
        ['jobs', judged.jobs_reason],
        ['resident_jobs', judged.resident_reason],
        ['deprived_jobs', coalesce(judged.resident_reason, judged.deprived_reason)],
        ['unknown_home_jobs', judged.resident_reason]
    ]) as null_reasons
from judged
