-- gives: person_id | code | later
-- 1 | A01 | B02
SELECT a.person_id, a.code, b.code AS later FROM visit a
  JOIN visit b ON a.person_id = b.person_id AND a.start < b.start
