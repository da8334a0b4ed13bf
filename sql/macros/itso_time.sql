-- Local time of an ITSO DTS: minutes from 24 November 2028 20:16 in 24 bits of two's complement,
-- written in hexadecimal. Read as unsigned minutes from 1997 the same bits wrap in 2028, which is wrong.
-- Rule: methods A3.
-- Example: itso_time('0xCA9E5A') = timestamp '2022-04-01 09:30';
-- itso_time('0x000000') = timestamp '2028-11-24 20:16'.
create macro itso_time(dts) as
    timestamp '2028-11-24 20:16:00' + to_minutes(
        cast(lower(dts) as bigint)
        - case when cast(lower(dts) as bigint) >= 8388608 then 16777216 else 0 end
    )
