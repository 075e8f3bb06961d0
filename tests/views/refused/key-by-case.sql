-- refused: is computed
-- would leak: some rows of another person would be person 1's
SELECT CASE WHEN code = 'A01' THEN 1 ELSE person_id END AS person_id, code FROM visit
