-- refused: does not equate their unit keys
-- would leak: an equality of one side with itself pairs everybody
SELECT a.person_id, b.code FROM visit a JOIN visit b ON a.person_id = a.person_id
