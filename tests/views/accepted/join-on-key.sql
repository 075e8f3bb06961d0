-- gives: person_id | sex | code
-- 1 | f | A01
-- 1 | f | B02
-- 2 | m | A01
-- 3 | f |
SELECT p.person_id, p.sex, v.code FROM person p JOIN visit v ON v.person_id = p.person_id
