-- refused: `IN` with a subquery
-- would leak: whether a code is listed depends on another person's labs
SELECT person_id, code FROM visit WHERE visit_id IN (SELECT visit_id FROM lab)
