-- Grain: one person of one body who took part in one measure in one financial year.
-- Who took part in what, once for each person, with hours and days where they are counted, and how often:
-- learning, qualifications, volunteering, apprenticeships begun, promotions, leavings.
with event as (
    select
        learning.body_code,
        learning.person_key,
        case learning.learning_kind when 'SOCIAL_VALUE' then 'sv_training' else 'skills_training' end
            as measure,
        learning.completed_on as happened_on,
        cast(null as decimal(38, 10)) as hours,
        learning.training_days as days
    from stage.people_learning as learning
    union all
    select
        learning.body_code,
        learning.person_key,
        'qualifications' as measure,
        learning.completed_on as happened_on,
        cast(null as decimal(38, 10)) as hours,
        cast(null as decimal(38, 10)) as days
    from stage.people_learning as learning
    where learning.is_qualification
    union all
    select
        volunteering.body_code,
        volunteering.person_key,
        'volunteers' as measure,
        volunteering.volunteered_on as happened_on,
        volunteering.hours,
        cast(null as decimal(38, 10)) as days
    from raw.people_volunteering as volunteering
    union all
    select
        starters.body_code,
        starters.person_key,
        'apprenticeship_starts' as measure,
        starters.started_on as happened_on,
        cast(null as decimal(38, 10)) as hours,
        cast(null as decimal(38, 10)) as days
    from stage.people_new_starters as starters
    where starters.is_apprenticeship
    union all
    select
        promotions.body_code,
        promotions.person_key,
        'promotions' as measure,
        promotions.promoted_on as happened_on,
        cast(null as decimal(38, 10)) as hours,
        cast(null as decimal(38, 10)) as days
    from raw.people_promotions as promotions
    union all
    select
        leavers.body_code,
        leavers.person_key,
        'leavers' as measure,
        leavers.left_on as happened_on,
        cast(null as decimal(38, 10)) as hours,
        cast(null as decimal(38, 10)) as days
    from raw.people_leavers as leavers
)

select
    event.body_code,
    financial_year(
        event.happened_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    event.measure,
    event.person_key,
    sum(event.hours) as hours,
    sum(event.days) as days,
    count(*) as times
from event
cross join site.settings as settings
group by
    event.body_code,
    financial_year(
        event.happened_on,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ),
    event.measure,
    event.person_key
