-- refused: does not equate their unit keys
-- would leak: visit 10 would be given to person 10
SELECT p.person_id, v.code FROM person p JOIN visit v ON p.person_id = v.visit_id
