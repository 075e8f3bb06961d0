-- refused: is not on the list
SELECT person_id FROM person EXCEPT SELECT person_id FROM visit
