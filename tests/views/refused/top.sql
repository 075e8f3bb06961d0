-- refused: TOP
-- would leak: the same in other words
SELECT TOP 1 person_id FROM visit
