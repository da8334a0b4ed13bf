-- Where an employee stands in each breakdown of the tables about staff: the one list of them.
-- person is a row with these columns.
-- Used as staff_breakdowns(people), people being a row of stage.people_employees.
create macro staff_breakdowns(person) as
    [
        {'breakdown': 'all', 'breakdown_value': 'all'},
        {'breakdown': 'grade', 'breakdown_value': person.grade},
        {'breakdown': 'directorate', 'breakdown_value': person.directorate},
        {'breakdown': 'working_pattern', 'breakdown_value': person.working_pattern}
    ]
