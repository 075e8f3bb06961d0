-- refused: a window function (`row_number`)
-- would leak: the first row of all is one person's
SELECT person_id, code FROM visit QUALIFY row_number() OVER (ORDER BY start) = 1
