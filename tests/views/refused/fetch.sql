-- refused: FETCH
-- would leak: the same in other words
SELECT person_id FROM visit FETCH FIRST 1 ROWS ONLY
