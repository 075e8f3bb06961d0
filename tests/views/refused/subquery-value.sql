-- refused: a subquery as a value
-- would leak: the latest start of everybody
SELECT person_id, (SELECT max(start) FROM visit) AS latest FROM person
