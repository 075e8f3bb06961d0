-- gives: person_id | code
-- 1 | A01
-- 2 | A01
SELECT person_id, code FROM visit WHERE code LIKE 'A%' AND start BETWEEN '2020-01-01' AND '2020-12-31' AND code IN ('A01', 'C03')
