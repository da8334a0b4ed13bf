-- Grain: one provider in one academic year.
select
    provider.body_code,
    provider.academic_year,
    provider.provider_ukprn,
    provider.provider_name,
    provider.social_value_statement,
    provider.stated_on
from raw.skills_providers as provider
