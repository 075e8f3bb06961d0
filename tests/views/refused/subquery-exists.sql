-- refused: `EXISTS`
-- would leak: whether anybody has a lab
SELECT person_id FROM person WHERE EXISTS (SELECT 1 FROM lab WHERE value > 5)
