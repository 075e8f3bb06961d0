-- refused: a window function (`lag`)
-- would leak: the row before the first one of a person is another person's
SELECT person_id, lag(code) OVER (ORDER BY person_id, start) AS before FROM visit
