-- gives: person_id | y
-- 1 | 1980
-- 2 | 1990
-- 3 | 2000
SELECT person_id, year AS y FROM person
