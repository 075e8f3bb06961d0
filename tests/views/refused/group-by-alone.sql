-- refused: an aggregate (`GROUP BY`)
SELECT person_id, code FROM visit GROUP BY person_id, code
