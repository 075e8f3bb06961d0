-- refused: `LIMIT` or `OFFSET`
-- would leak: whether a row is among the first two depends on other persons' rows
SELECT person_id FROM visit LIMIT 2
