-- refused: `IN` with a subquery
SELECT person_id, code FROM visit WHERE visit_id NOT IN (SELECT visit_id FROM lab)
