-- refused: is computed
-- would leak: each person's rows would go to the next
SELECT person_id + 1 AS person_id, code FROM visit
