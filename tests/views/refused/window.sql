-- refused: a window function (`row_number`)
-- would leak: the number of a row says how many rows other persons have before it
SELECT person_id, row_number() OVER (ORDER BY start) AS n FROM visit
