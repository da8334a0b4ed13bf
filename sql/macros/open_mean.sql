-- Mean of points (scores of well-being, answers from 0 to 10) as the open tables tell it: in steps in
-- which so many people together move by ten points, so that whoever knows the answers of all others
-- knows that of the last to no better than five points.
-- Rule: methods, D6 (means of ten and more). Null below ten people.
-- Example: open_mean(3.571, 20) = 3.5; open_mean(3.571, 100) = 3.6.
-- publish: true
create macro open_mean(mean, people) as
    case
        when people >= 100 then round(mean * 10) / 10 + 0
        when people >= 50 then round(mean * 5) / 5 + 0
        when people >= 20 then round(mean * 2) / 2 + 0
        when people >= 10 then round(mean) + 0
    end
