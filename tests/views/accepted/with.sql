-- gives: person_id | code
-- 1 | A01
-- 2 | A01
WITH a AS (SELECT person_id, code FROM visit WHERE code = 'A01')
  SELECT p.person_id, a.code FROM person p JOIN a ON a.person_id = p.person_id
