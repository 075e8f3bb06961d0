-- refused: does not equate their unit keys
-- would leak: every bundle would hold every person's visits
SELECT p.person_id, v.code FROM person p LEFT JOIN visit v ON true
