-- Figure of a pay gap as the open tables tell it: a gap to one decimal where both groups are of 100
-- people and more, else to a whole per cent; a share, and a gap of bonus, always to a whole per cent.
-- Rule: a figure of n people is told in steps of s only where n times s is 10 per cent or more, so
-- that one person's pay cannot be told from two such figures to less than a tenth of the average.
-- Example: open_gap(12.34, 'pct', 'mean_hourly', 250, 200) = 12.3;
-- open_gap(12.34, 'pct', 'mean_hourly', 25, 200) = 12.
-- publish: true
create macro open_gap(figure, unit, measure, n_focal, n_comparator) as
    round(
        figure,
        case
            when unit = 'share' then 2
            when least(n_focal, n_comparator) >= 100 and not contains(measure, 'bonus') then 1
            else 0
        end
    ) + 0.0e0
