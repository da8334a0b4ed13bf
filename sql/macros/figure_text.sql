-- A figure with its unit, for sentences: shares in percent, pounds in millions from a million on.
-- Example: figure_text(0.4153, 'share') = '41.5%'.
create macro figure_text(figure_value, figure_unit) as
    case
        when figure_value is null then 'no value'
        when figure_unit = 'share' then printf('%.1f%%', figure_value * 100)
        when figure_unit = 'percent' then printf('%.1f%%', figure_value)
        when figure_unit = 'GBP' and abs(figure_value) >= 1000000
            then if(figure_value < 0, '−', '') || printf('£%.1f million', abs(figure_value) / 1000000)
        when figure_unit = 'GBP'
            then if(figure_value < 0, '−', '') || '£' || format('{:,d}', cast(round(abs(figure_value)) as bigint))
        when figure_unit is null or figure_unit = 'ratio' then printf('%.2f', figure_value)
        when figure_value = round(figure_value)
            then format('{:,d}', cast(figure_value as bigint)) || ' ' || figure_unit
        else replace(replace(format('{:,.1f} ', figure_value), '-0.0 ', '0.0 '), '-', '−') || figure_unit
    end
