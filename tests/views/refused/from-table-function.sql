-- refused: a table function (`generate_series`)
SELECT value AS person_id FROM generate_series(1, 5)
