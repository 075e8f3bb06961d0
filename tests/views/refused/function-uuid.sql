-- refused: the function `uuid`
SELECT person_id, uuid() AS u FROM visit
