-- refused: does not equate their unit keys
-- would leak: visit 2 of the inner query would be given to person 2
SELECT p.person_id, v.code FROM person p JOIN (SELECT visit_id AS person_id, code FROM visit) v ON p.person_id = v.person_id
