-- refused: holds the unit key, and no identifier
-- would leak: the same, disguised
SELECT person_id, person_id * 7 AS subject FROM visit
