-- Grain: one award criterion of one lot of one contract or process.
-- From the authority's own record, which holds all of them, and from the last notice, which may not.
-- What is social value a person says, in the record or in a decision about the criterion; until one
-- does, the words of its name.
with recorded as (
    select
        weighting.body_code,
        'authority' as told_by,
        weighting.contract_ref as process_ref,
        weighting.lot_ref,
        weighting.lot_value_gbp,
        weighting.criterion_ref,
        weighting.parent_ref,
        weighting.criterion_name,
        cast(weighting.weight as double) as weight,
        weighting.weight_type,
        coalesce(weighting.evaluation_method, 'weighted') as evaluation_method,
        weighting.is_social_value as reviewed
    from raw.contracts_weightings as weighting
),

latest as (
    select
        compiled.body_code,
        compiled.ocid,
        compiled.compiled
    from stage.contracts_ocds_states as compiled
    where compiled.is_latest
),

lots as (
    select
        latest.body_code,
        latest.ocid,
        upper(json_extract_string(listed.lot, '$.id')) as lot_ref,
        try_cast(json_extract_string(listed.lot, '$.value.amount') as decimal(18, 2)) as lot_value_gbp,
        json_extract(listed.lot, '$.awardCriteria.criteria[*]') as criteria
    from latest
    cross join unnest(json_extract(latest.compiled, '$.tender.lots[*]')) as listed(lot)
    union all
    select
        latest.body_code,
        latest.ocid,
        'ALL' as lot_ref,
        cast(null as decimal(18, 2)) as lot_value_gbp,
        json_extract(latest.compiled, '$.tender.awardCriteria.criteria[*]') as criteria
    from latest
),

entries as (
    select
        lots.body_code,
        lots.ocid,
        lots.lot_ref,
        lots.lot_value_gbp,
        place.number as place,
        lots.criteria[place.number] as entry
    from lots
    cross join unnest(range(1, len(lots.criteria) + 1)) as place(number)
),

read_entries as (
    select
        entries.body_code,
        entries.ocid,
        entries.lot_ref,
        entries.lot_value_gbp,
        coalesce(
            upper(json_extract_string(entries.entry, '$.id')),
            'C' || lpad(cast(entries.place as varchar), 2, '0')
        ) as criterion_ref,
        coalesce(
            json_extract_string(entries.entry, '$.name'),
            json_extract_string(entries.entry, '$.description'),
            json_extract_string(entries.entry, '$.type')
        ) as criterion_name,
        lower(coalesce(
            json_extract_string(entries.entry, '$.weightType'),
            json_extract_string(entries.entry, '$.numbers[0].weight'),
            'percentageExact'
        )) as given_as,
        try_cast(rtrim(trim(coalesce(
            json_extract_string(entries.entry, '$.weight'),
            json_extract_string(entries.entry, '$.numbers[0].number'),
            regexp_extract(json_extract_string(entries.entry, '$.description'), '^ *([0-9.]+) *%? *$', 1)
        )), '% ') as double) as weight
    from entries
),

noticed as (
    select
        read_entries.body_code,
        'notice' as told_by,
        upper(read_entries.ocid) as process_ref,
        read_entries.lot_ref,
        read_entries.lot_value_gbp,
        read_entries.criterion_ref,
        cast(null as varchar) as parent_ref,
        read_entries.criterion_name,
        if(read_entries.given_as = 'decimalexact', read_entries.weight * 100, read_entries.weight) as weight,
        case
            when read_entries.given_as like 'order%' then 'order'
            when read_entries.given_as like 'points%' then 'points'
            when read_entries.given_as in ('percentageexact', 'decimalexact', 'percentage') then 'of_parent'
            when read_entries.given_as in ('passfail', 'pass_fail') then 'pass_fail'
        end as weight_type,
        'weighted' as evaluation_method,
        cast(null as boolean) as reviewed
    from read_entries
    qualify
        row_number() over (
            partition by
                read_entries.body_code, read_entries.ocid, read_entries.lot_ref, read_entries.criterion_ref
            order by read_entries.criterion_name, read_entries.weight
        ) = 1
),

criteria as (
    select * from recorded
    union all
    select * from noticed
),

-- A phrase that is social value outweighs a word that only may be.
worded as (
    select
        named.criterion_name,
        bool_or(coalesce(word.is_social_value, false)) as says_social_value
    from (
        select distinct criterion_name -- each name once
        from criteria
    ) as named
    inner join ref.contracts_social_value_words as word
        on text_fits(match_text(named.criterion_name), 'phrase', word.word)
    group by named.criterion_name
)

select
    criteria.body_code,
    criteria.process_ref,
    criteria.told_by,
    criteria.lot_ref,
    criteria.criterion_ref,
    criteria.parent_ref,
    criteria.criterion_name,
    criteria.weight,
    criteria.weight_type,
    criteria.evaluation_method,
    criteria.lot_value_gbp,
    coalesce(decision.is_social_value, criteria.reviewed, worded.says_social_value, false)
        as is_social_value,
    case
        when coalesce(decision.is_social_value, criteria.reviewed) is not null then 'reviewed'
        when worded.criterion_name is not null then 'words'
        else 'no_word'
    end as class_method,
    decision.is_social_value is null and criteria.reviewed is null and worded.criterion_name is not null
        as needs_review,
    decision.decided_by,
    criteria.told_by = 'authority' as is_full_record
from criteria
left join worded on criteria.criterion_name = worded.criterion_name
left join raw.contracts_criterion_decisions as decision
    on
        criteria.body_code = decision.body_code
        and criteria.process_ref = decision.process_ref
        and criteria.lot_ref = decision.lot_ref
        and criteria.criterion_ref = decision.criterion_ref
