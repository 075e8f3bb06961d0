-- refused: is computed
-- would leak: everybody's rows would be one person's
SELECT 1 AS person_id, code FROM visit
