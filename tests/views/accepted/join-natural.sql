-- gives: person_id | sex | code
-- 1 | f | A01
-- 1 | f | B02
-- 2 | m | A01
-- 3 | f |
SELECT person_id, sex, code FROM person NATURAL JOIN visit
