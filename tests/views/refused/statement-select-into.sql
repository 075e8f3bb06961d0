-- refused: a statement that writes
SELECT person_id INTO x FROM visit
