-- refused: `LIMIT` or `OFFSET`
-- would leak: whether a row is skipped depends on other persons' rows
SELECT person_id FROM visit OFFSET 1
