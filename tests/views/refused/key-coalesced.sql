-- refused: is computed
-- would leak: rows of nobody would be person 1's
SELECT coalesce(person_id, 1) AS person_id, code FROM visit
