-- refused: a parameter (`$1`)
SELECT person_id FROM visit WHERE code = $1
