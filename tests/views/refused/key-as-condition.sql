-- refused: holds the unit key, and no identifier
-- would leak: one bit of it is an identifier of one person
SELECT person_id, CASE WHEN person_id = 2 THEN 1 ELSE 0 END AS is_two FROM visit
