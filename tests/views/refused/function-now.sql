-- refused: the function `now`
SELECT person_id, now() AS t FROM visit
