-- refused: an aggregate (`max`)
-- would leak: the latest start of each code is some other person's
SELECT max(person_id) AS person_id, max(start) AS start FROM visit GROUP BY code
