-- declared_values of an employee, with the finer groups of ethnicity that are told of staff alone, the
-- working pattern, which the contract says, and the decile of the home.
-- Used as declared_by_staff(people), people being a row of stage.people_employees.
create macro declared_by_staff(person) as
    list_concat(
        declared_values(person),
        [
            {'declared_in': 'ethnicity19', 'declared_value': person.ethnicity19},
            {'declared_in': 'ethnicity6', 'declared_value': person.ethnicity6},
            {'declared_in': 'working_pattern', 'declared_value': person.working_pattern},
            {'declared_in': 'home_imd_decile', 'declared_value': person.home_imd_decile}
        ]
    )
