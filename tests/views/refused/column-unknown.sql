-- refused: No field named
SELECT person_id, kode FROM visit
