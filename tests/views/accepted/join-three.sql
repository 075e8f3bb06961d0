-- gives: person_id | sex | value
-- 1 | f | 1.5
-- 1 | f | 1.5
-- 2 | m | 2.5
-- 2 | m | 3.5
SELECT p.person_id, p.sex, l.value FROM person p
  JOIN visit v ON v.person_id = p.person_id JOIN lab l ON v.person_id = l.patient_nr
