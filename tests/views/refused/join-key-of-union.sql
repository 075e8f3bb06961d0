-- refused: does not equate their unit keys
-- would leak: the second half of the union would go to the next person
SELECT p.person_id, u.code FROM person p JOIN (SELECT person_id, code, person_id AS n FROM visit UNION ALL SELECT person_id, code, person_id + 1 FROM visit) u ON p.person_id = u.n
