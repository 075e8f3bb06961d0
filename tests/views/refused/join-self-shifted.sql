-- refused: does not equate their unit keys
-- would leak: a person's bundle would hold the next person's codes
SELECT a.person_id, b.code FROM visit a JOIN visit b ON a.person_id = b.person_id + 1
