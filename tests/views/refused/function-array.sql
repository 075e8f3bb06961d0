-- refused: Invalid function 'string_to_array'
SELECT person_id, string_to_array(code, ',') AS x FROM visit
