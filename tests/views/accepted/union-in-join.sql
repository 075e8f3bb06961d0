-- gives: person_id | sex | x
-- 1 | f | A01
-- 1 | f | B02
-- 1 | f | mg
-- 2 | m | A01
-- 2 | m | mg
-- 2 | m | mg
-- 3 | f |
SELECT p.person_id, p.sex, u.x FROM person p JOIN
  (SELECT person_id AS who, code AS x FROM visit UNION ALL SELECT patient_nr, unit FROM lab) u
  ON u.who = p.person_id
