-- refused: is `visit.visit_id`, which is not the unit key
-- would leak: visit 3 would be person 3's
SELECT visit_id AS person_id, code FROM visit
