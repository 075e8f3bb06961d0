-- refused: more than one column `person_id`
SELECT p.person_id, v.person_id FROM person p JOIN visit v ON p.person_id = v.person_id
