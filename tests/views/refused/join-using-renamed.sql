-- refused: does not equate their unit keys
-- would leak: `USING` sees the name only
SELECT p.person_id, v.code FROM person p JOIN (SELECT visit_id AS person_id, code FROM visit) v USING (person_id)
