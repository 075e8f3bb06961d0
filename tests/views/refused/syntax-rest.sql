-- refused: does not parse
SELECT person_id FROM visit ) x
