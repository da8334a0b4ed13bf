-- Name of a supplier for exact comparison: lower case without accents, punctuation and the words
-- the, of, in, uk, ltd, limited, and, co, for. A name made of nothing else keeps its words. Rule:
-- methods C5, the words of find-that-charity.
-- Example: supplier_name_key('The Example Co. Ltd') = 'example'
create macro supplier_name_key(published) as
    coalesce(
        nullif(trim(regexp_replace(
            regexp_replace(
                match_text(published), '\b(the|of|in|uk|ltd|limited|and|co|for)\b', ' ', 'g'
            ),
            ' +', ' ', 'g'
        )), ''),
        match_text(published))
