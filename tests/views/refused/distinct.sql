-- refused: `DISTINCT`
SELECT DISTINCT person_id, code FROM visit
