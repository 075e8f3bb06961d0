-- refused: the function `current_date`
SELECT person_id FROM visit WHERE start < current_date
