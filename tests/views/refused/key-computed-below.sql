-- refused: is computed
-- would leak: the same, one level down
SELECT v.person_id, v.code FROM (SELECT -person_id AS person_id, code FROM visit) v
