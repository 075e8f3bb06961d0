-- refused: the function `random`
SELECT person_id FROM visit WHERE random() < 0.5
