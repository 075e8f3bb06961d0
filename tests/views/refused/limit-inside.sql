-- refused: `LIMIT` or `OFFSET`
-- would leak: the same, one level down
SELECT v.person_id FROM (SELECT person_id FROM visit LIMIT 1) v
