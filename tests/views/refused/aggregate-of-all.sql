-- refused: an aggregate (`avg`)
-- would leak: a mean over everybody
SELECT avg(person_id) AS person_id FROM visit
