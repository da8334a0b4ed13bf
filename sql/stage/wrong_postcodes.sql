-- Grain: one wrong postcode text in one column of one file.
-- Postcodes that cannot be right, and the likely right one: the one repair of a mistyped character,
-- offered only where the directory holds it. A postcode of good form that the directory does not
-- hold is wrong only where the directory holds others of its area. Codes of other countries, of the
-- forces and of the health service are not wrong; neither is a text that says that there is none.
with texts as (
    select
        postcode_text,
        postcode_class(postcode_text) as postcode_class,
        postcode_pcds(postcode_text) as pcds,
        postcode_repair(postcode_text) as repaired_pcds,
        upper(tidy_text(postcode_text)) as postcode_capitals
    from stage.postcode_uses
    group by postcode_text
),
directory_areas as (
    select distinct postcode_area(pcds) as postcode_area -- each area once
    from geo.postcode
),
judged as (
    select
        texts.postcode_text,
        right_one.pcds as likely_postcode,
        case
            when texts.postcode_class = 'repairable' and right_one.pcds is not null then 'mistyped'
            when texts.postcode_class in ('repairable', 'invalid') then 'no_such_form'
            when texts.postcode_class = 'invalid_or_repair' then 'no_such_area'
            when texts.postcode_class = 'invalid_outward_only' then 'first_half_only'
            when
                texts.postcode_class = 'ok' and place.pcds is null
                and directory_areas.postcode_area is not null
                then 'not_in_directory'
        end as problem
    from texts
    left join geo.postcode as place on texts.pcds = place.pcds
    left join geo.postcode as right_one on texts.repaired_pcds = right_one.pcds
    left join directory_areas on postcode_area(texts.pcds) = directory_areas.postcode_area
    where
        not exists (
            select 1
            from ref.spend_overseas_formats as format
            where texts.pcds is null and regexp_matches(texts.postcode_capitals, format.pattern)
        )
)

select
    use.pipeline,
    use.source_name,
    use.source_file,
    use.column_name,
    use.postcode_text,
    judged.likely_postcode,
    judged.problem,
    use.first_source_row,
    use.lines
from stage.postcode_uses as use
inner join judged on use.postcode_text = judged.postcode_text
where judged.problem is not null
