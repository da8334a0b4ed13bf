-- Working pattern of hours a week against those of a full-time week. A hundredth of an hour is what
-- rounding leaves between two systems.
-- Rule: methods 2.7 (full-time and part-time told apart); hours that vary are neither.
-- Example: working_pattern(false, 18.5, 37) = 'part_time'.
create macro working_pattern(hours_vary, weekly_hours, full_time_hours) as
    case
        when hours_vary then 'variable_hours'
        when full_time_hours is null or weekly_hours is null then 'not_known'
        when weekly_hours >= full_time_hours - 0.005 then 'full_time'
        else 'part_time'
    end
