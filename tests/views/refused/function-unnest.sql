-- refused: unnest
SELECT person_id, unnest(string_to_array(code, ',')) AS x FROM visit
