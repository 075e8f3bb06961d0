-- refused: does not equate their unit keys
-- would leak: everybody's codes but one's own
SELECT a.person_id, b.code FROM visit a JOIN visit b ON a.person_id <> b.person_id
