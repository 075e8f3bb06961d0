-- refused: does not equate their unit keys
-- would leak: the check is on the join itself, whatever a filter above it says
SELECT p.person_id, v.code FROM person p, visit v WHERE p.person_id = v.person_id
