-- Grain: one category of spend, in the newest count.
-- Location quotient: the category's part of the businesses of the area over its part of those of
-- the country.
with newest as (
    select max(count_year) as count_year
    from raw.spend_business_counts
),
counts as (
    select
        lower(tidy_text(business.category)) as category,
        business.count_year,
        business.local_businesses,
        business.national_businesses
    from raw.spend_business_counts as business
    inner join newest on business.count_year = newest.count_year
)

select
    counts.category,
    counts.count_year,
    counts.local_businesses,
    share(
        share(counts.local_businesses, whole.local_businesses),
        share(counts.national_businesses, whole.national_businesses)
    ) as location_quotient
from counts
left join counts as whole on whole.category = 'all'
where counts.category <> 'all'
