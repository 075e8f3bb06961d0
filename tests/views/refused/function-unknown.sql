-- refused: no_such_function
SELECT person_id, no_such_function(code) AS x FROM visit
