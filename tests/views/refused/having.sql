-- refused: an aggregate
-- would leak: a row is there only if another person shares its code
SELECT min(person_id) AS person_id FROM visit GROUP BY code HAVING count(*) > 1
