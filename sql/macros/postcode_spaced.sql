-- Postcode as typed in capitals, with every run of spaces (no-break and zero-width too), control
-- marks, hyphens and full stops turned into one plain space, and full-width letters and digits into
-- plain ones. It keeps the gap the writer left. Never null: nothing typed gives ''.
-- Example: postcode_spaced(' l3-1bp.') = 'L3 1BP'.
create macro postcode_spaced(typed) as
    upper(
        trim(
            regexp_replace(
                translate(
                    coalesce(typed, ''),
                    'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９',
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
                ),
                '[\s.\p{Z}\p{Cf}\p{Cc}\p{Pd}\x{2212}]+',
                ' ',
                'g'
            )
        )
    )
