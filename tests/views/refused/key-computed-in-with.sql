-- refused: is computed
-- would leak: the same, in a WITH
WITH v AS (SELECT abs(person_id) AS person_id, code FROM visit) SELECT * FROM v
