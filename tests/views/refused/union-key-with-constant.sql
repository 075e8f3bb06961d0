-- refused: a unit key and something else
-- would leak: everybody's rows would be person 1's
SELECT person_id, code FROM visit UNION ALL SELECT 1, code FROM visit
