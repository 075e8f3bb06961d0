-- refused: does not equate their unit keys
-- would leak: the equality is there, and decides nothing
SELECT p.person_id, v.code FROM person p JOIN visit v ON CASE WHEN p.person_id = v.person_id THEN true ELSE v.code = 'A01' END
