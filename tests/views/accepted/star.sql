-- gives: person_id | sex | year
-- 1 | f | 1980
-- 2 | m | 1990
-- 3 | f | 2000
SELECT * FROM person;
