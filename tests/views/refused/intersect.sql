-- refused: is not on the list
SELECT person_id, code FROM visit INTERSECT SELECT person_id, code FROM visit
