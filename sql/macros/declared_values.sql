-- What a person declared, each answer with the column that it stands in (declared_in of
-- ref.people_groups): the one list of the characteristics that staff and applicants are asked for.
-- person is a row with these columns.
-- Used as declared_values(people), people being a row of stage.people_employees.
create macro declared_values(person) as
    [
        {'declared_in': 'sex', 'declared_value': person.sex},
        {'declared_in': 'gender_identity', 'declared_value': person.gender_identity},
        {'declared_in': 'ethnicity5', 'declared_value': person.ethnicity5},
        {'declared_in': 'disability', 'declared_value': person.disability},
        {'declared_in': 'age_band', 'declared_value': person.age_band},
        {'declared_in': 'orientation', 'declared_value': person.orientation},
        {'declared_in': 'religion', 'declared_value': person.religion},
        {
            'declared_in': 'marriage_or_civil_partnership',
            'declared_value': person.marriage_or_civil_partnership
        }
    ]
