-- refused: does not equate their unit keys
-- would leak: the inner query makes person 2 of person 1
SELECT p.person_id, v.code FROM person p JOIN (SELECT person_id + 1 AS person_id, code FROM visit) v ON p.person_id = v.person_id
