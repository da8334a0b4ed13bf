-- Grain: one financial year that the register of passes covers to its end.
with register as (
    select max(passes.extracted_on) as extracted_on
    from raw.travel_passes as passes
),

-- A site without a baseline year begins with the last year that may be over.
years as (
    select
        unnest(
            range(
                coalesce(
                    try_cast(left(settings.baseline_year, 4) as integer),
                    year(as_of.as_of) - 1
                ),
                year(as_of.as_of) + 1
            )
        ) as begins_in
    from site.settings as settings
    cross join site.as_of as as_of
),

dated as (
    select
        make_date(
            cast(years.begins_in as integer),
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as first_day,
        make_date(
            cast(years.begins_in + 1 as integer),
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) - 1 as last_day,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    from years
    cross join site.settings as settings
)

select
    financial_year(
        dated.last_day, dated.financial_year_start_month, dated.financial_year_start_day
    ) as financial_year,
    dated.first_day,
    dated.last_day
from dated
cross join register
cross join site.as_of as as_of
where dated.last_day <= register.extracted_on and dated.last_day <= as_of.as_of
