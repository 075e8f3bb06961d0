-- refused: a SELECT without `FROM`
SELECT 1 AS person_id
