-- refused: a unit key and something else
-- would leak: a union goes by place and not by name
SELECT person_id, visit_id FROM visit UNION ALL SELECT visit_id, person_id FROM visit
