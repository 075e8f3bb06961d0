-- gives: person_id | code
-- 1 | A01
-- 1 | B02
-- 2 | A01
SELECT v.who AS person_id, v.code FROM (SELECT person_id AS who, code FROM visit WHERE code IS NOT NULL) v
