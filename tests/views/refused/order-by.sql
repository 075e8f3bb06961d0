-- refused: `ORDER BY`
SELECT person_id, start FROM visit ORDER BY start
