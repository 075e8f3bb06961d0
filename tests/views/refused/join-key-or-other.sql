-- refused: does not equate their unit keys
-- would leak: the second half of the `OR` pairs anybody
SELECT a.person_id, b.start FROM visit a JOIN visit b ON a.person_id = b.person_id OR a.code = b.code
