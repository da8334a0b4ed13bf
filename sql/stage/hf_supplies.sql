-- Grain: one body that runs the service.
-- Which extract of the case system counts, and what was sent of it. It is the newest of which people,
-- referrals, tenancies and closings all came, so that a late feed leaves the last whole extract
-- standing; where one of the four never came, it is the newest with most of them. Figures need all
-- that they are made of: without closings everybody would still be in the service, and without stays
-- in homes that the service did not find too few would be housed. A tenancy that is closed without a
-- day is followed to the last contact, so visits and assessments count, too, where there is one. That
-- there is nothing to send of a feed is said by a total of nought. Needs are used for completeness alone
-- (stage.hf_field_supplies).
with sent as (
    select
        person.body_code,
        person.extract_date,
        'person' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_person as person
    group by person.body_code, person.extract_date
    union all
    select
        referral.body_code,
        referral.extract_date,
        'referral' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_referral as referral
    group by referral.body_code, referral.extract_date
    union all
    select
        tenancy.body_code,
        tenancy.extract_date,
        'tenancy' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        bool_or(coalesce(tenancy.tenancy_status = 'CLOSED', false) and tenancy.end_date is null)
            as has_undated_end
    from raw.housingfirst_tenancy as tenancy
    group by tenancy.body_code, tenancy.extract_date
    union all
    select
        closure.body_code,
        closure.extract_date,
        'closure' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_closure as closure
    group by closure.body_code, closure.extract_date
    union all
    select
        stay.body_code,
        stay.extract_date,
        'housing_status' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_housing_status as stay
    group by stay.body_code, stay.extract_date
    union all
    select
        support.body_code,
        support.extract_date,
        'support' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_support as support
    group by support.body_code, support.extract_date
    union all
    select
        assessment.body_code,
        assessment.extract_date,
        'assessment' as feed,
        count(*) as lines,
        cast(null as bigint) as total,
        false as has_undated_end
    from raw.housingfirst_assessment as assessment
    group by assessment.body_code, assessment.extract_date
    union all
    select
        counted.body_code,
        counted.extract_date,
        counted.feed,
        0 as lines,
        counted.total,
        false as has_undated_end
    from raw.housingfirst_control_totals as counted
    where counted.feed <> 'need'
),

supply as (
    select
        sent.body_code,
        sent.extract_date,
        sent.feed,
        bool_or(sent.lines > 0 or coalesce(sent.total = 0, false)) as is_sent,
        coalesce(sum(sent.lines) <> max(sent.total), false) as is_other_number,
        bool_or(sent.has_undated_end) as has_undated_end
    from sent
    group by sent.body_code, sent.extract_date, sent.feed
),

-- What the service counted without sending it makes no extract.
extract as (
    select
        supply.body_code,
        supply.extract_date,
        bool_or(supply.is_sent and supply.feed = 'person') as has_person,
        bool_or(supply.is_sent and supply.feed = 'referral') as has_referral,
        bool_or(supply.is_sent and supply.feed = 'tenancy') as has_tenancy,
        bool_or(supply.is_sent and supply.feed = 'closure') as has_closure,
        bool_or(supply.is_sent and supply.feed = 'housing_status') as has_housing_status,
        bool_or(supply.is_sent and supply.feed = 'support') as has_support,
        bool_or(supply.is_sent and supply.feed = 'assessment') as has_assessment,
        bool_or(supply.has_undated_end) as has_undated_end,
        bool_or(supply.is_other_number) as has_other_number,
        count(*) filter (
            where
                supply.is_sent and supply.feed in ('person', 'referral', 'tenancy', 'closure')
        ) as main_feeds
    from supply
    group by supply.body_code, supply.extract_date
    having bool_or(supply.is_sent)
),

counted as (
    select
        extract.*,
        max(extract.extract_date) over (partition by extract.body_code) as newest_date
    from extract
    qualify
        row_number() over (
            partition by extract.body_code
            order by extract.main_feeds desc, extract.extract_date desc
        ) = 1
)

select
    counted.body_code,
    counted.extract_date,
    counted.newest_date,
    counted.has_person,
    counted.has_referral,
    counted.has_tenancy,
    counted.has_closure,
    counted.has_housing_status,
    counted.has_support,
    counted.has_assessment,
    counted.has_undated_end,
    counted.has_other_number,
    counted.has_tenancy
    and counted.has_closure
    and (not counted.has_undated_end or (counted.has_support and counted.has_assessment))
        as tells_homes_kept,
    counted.has_tenancy
    and counted.has_closure
    and counted.has_housing_status
    and (not counted.has_undated_end or (counted.has_support and counted.has_assessment))
        as tells_spells,
    counted.has_referral and counted.has_closure as tells_caseload,
    counted.has_referral and counted.has_tenancy and counted.has_closure as tells_waiting
from counted
