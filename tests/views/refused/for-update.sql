-- refused: `FOR`
SELECT person_id FROM visit FOR UPDATE
