-- Grain: one mention of a supplier that a person is to look at, and one legal entity it may be.
-- Proposals only, nothing here is accepted. Names are compared where they begin alike and are about
-- as long, so that the comparisons grow with the names and not with their square.
with limits as (
    select
        max(parameter_value) filter (where parameter = 'similar_name_least') as similar_least,
        max(parameter_value) filter (where parameter = 'same_name_least') as same_least,
        max(parameter_value) filter (where parameter = 'candidates_most') as candidates_most
    from ref.spend_parameters
),
companies_loaded as (
    select count(*) > 0 as is_loaded
    from stage.supplier_registers
    where register = 'companies'
),
-- How much a stated company number's names resemble the name it is stated with.
registered_likeness as (
    select
        mention.mention_key,
        max(jaro_winkler_similarity(mention.name_key, name.name_key)) as likeness
    from stage.supplier_exact_matches as mention
    inner join stage.supplier_names as name
        on mention.matched_scheme = name.org_id_scheme
        and mention.matched_identifier = name.identifier
        and name.is_registered
    where mention.stated_identifier is not null and mention.name_key is not null
    group by mention.mention_key
),
subjects as (
    select
        mention.mention_key,
        mention.name_key,
        mention.matched_scheme,
        mention.matched_identifier,
        case
            when mention.match_method = 'none' and mention.entities_of_that_name > 1
                then 'several_of_that_name'
            when mention.match_method = 'none' then 'similar_name'
            when registered_likeness.likeness < limits.same_least then 'number_and_name_differ'
            when
                companies_loaded.is_loaded
                and mention.stated_scheme = 'GB-COH'
                and registered.identifier is null
                then 'number_not_in_register'
        end as review_reason
    from stage.supplier_exact_matches as mention
    cross join limits
    cross join companies_loaded
    left join registered_likeness on mention.mention_key = registered_likeness.mention_key
    left join stage.supplier_registers as registered
        on registered.org_id_scheme = 'GB-COH'
        and mention.stated_identifier = registered.identifier
),
names_to_compare as (
    select distinct -- many mentions bear one name
        name_key,
        replace(name_key, ' ', '') as squashed,
        left(replace(name_key, ' ', ''), 5) as beginning
    from subjects
    where review_reason is not null and name_key is not null
),
names as (
    select
        org_id_scheme,
        identifier,
        name_key,
        replace(name_key, ' ', '') as squashed,
        left(replace(name_key, ' ', ''), 5) as beginning,
        coalesce(min(supplier_name) filter (where is_registered), min(supplier_name))
            as supplier_name
    from stage.supplier_names
    group by org_id_scheme, identifier, name_key
),
alike as (
    select
        compared.name_key,
        names.org_id_scheme,
        names.identifier,
        max(jaro_winkler_similarity(compared.name_key, names.name_key)) as likeness,
        -- An entity may have several names: the one that is most alike is shown.
        first(
            names.supplier_name
            order by
                jaro_winkler_similarity(compared.name_key, names.name_key) desc,
                names.supplier_name
        ) as supplier_name
    from names_to_compare as compared
    cross join limits
    inner join names
        on compared.beginning = names.beginning
        and abs(length(compared.squashed) - length(names.squashed)) <= 5
    where jaro_winkler_similarity(compared.name_key, names.name_key) >= limits.similar_least
    group by compared.name_key, names.org_id_scheme, names.identifier
),
proposed as (
    select
        subjects.mention_key,
        subjects.review_reason,
        alike.org_id_scheme,
        alike.identifier,
        alike.likeness,
        alike.supplier_name
    from subjects
    inner join alike on subjects.name_key = alike.name_key
    where
        subjects.review_reason is not null
        and (
            subjects.matched_identifier is null
            or subjects.matched_identifier <> alike.identifier
        )
    union all
    -- The number itself, for a person to confirm. A number that the register lacks, with no other
    -- entity of such a name, is no question: the extract may be a part, or the company gone before.
    select
        subjects.mention_key,
        subjects.review_reason,
        subjects.matched_scheme as org_id_scheme,
        subjects.matched_identifier as identifier,
        registered_likeness.likeness,
        cast(null as varchar) as supplier_name
    from subjects
    left join registered_likeness on subjects.mention_key = registered_likeness.mention_key
    where
        subjects.review_reason = 'number_and_name_differ'
        or (
            subjects.review_reason = 'number_not_in_register'
            and exists (
                select 1
                from alike
                where
                    subjects.name_key = alike.name_key
                    and subjects.matched_identifier <> alike.identifier
            )
        )
),
ranked as (
    select
        proposed.*,
        row_number() over (
            partition by proposed.mention_key
            order by proposed.likeness desc nulls last, proposed.org_id_scheme, proposed.identifier
        ) as candidate_rank
    from proposed
),
known_names as (
    select
        org_id_scheme,
        identifier,
        coalesce(min(supplier_name) filter (where is_registered), min(supplier_name))
            as candidate_name,
        min(pcds) as candidate_pcds
    from stage.supplier_names
    group by org_id_scheme, identifier
)

select
    ranked.mention_key,
    ranked.org_id_scheme || '-' || ranked.identifier as candidate_org_id,
    ranked.review_reason,
    ranked.likeness as match_score,
    coalesce(ranked.supplier_name, known_names.candidate_name) as candidate_name,
    known_names.candidate_pcds
from ranked
cross join limits
left join known_names
    on ranked.org_id_scheme = known_names.org_id_scheme
    and ranked.identifier = known_names.identifier
where ranked.candidate_rank <= limits.candidates_most
