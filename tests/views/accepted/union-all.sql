-- gives: person_id | what
-- 1 | A01
-- 1 | B02
-- 1 | mg
-- 2 | A01
-- 2 | mg
-- 2 | mg
-- 3 |
-- 4 | mg
SELECT person_id, code AS what FROM visit UNION ALL SELECT patient_nr, unit FROM lab
