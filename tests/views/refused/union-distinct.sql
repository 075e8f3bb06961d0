-- refused: `UNION` without `ALL`
SELECT person_id FROM visit UNION SELECT person_id FROM person
