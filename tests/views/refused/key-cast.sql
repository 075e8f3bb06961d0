-- refused: is computed
-- would leak: a cast may cut: 1.4 and 1.2 are one integer, and two persons
SELECT CAST(person_id AS SMALLINT) AS person_id, code FROM visit
