-- refused: a unit key and something else
-- would leak: visit 2 would be person 2's
SELECT person_id, code FROM visit UNION ALL SELECT visit_id, code FROM visit
