-- refused: does not equate their unit keys
-- would leak: a person's bundle would hold the starts of all who share a code
SELECT a.person_id, b.start FROM visit a JOIN visit b ON a.code = b.code
