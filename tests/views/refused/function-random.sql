-- refused: the function `random`
SELECT person_id, random() AS r FROM visit
