-- refused: its `person_id` is computed
-- would leak: person 2 would get the rows of person 1
SELECT person_id, code FROM visit UNION ALL SELECT person_id + 1, code FROM visit
