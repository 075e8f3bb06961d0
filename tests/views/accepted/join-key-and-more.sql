-- gives: person_id | code | value
-- 1 | A01 | 1.5
-- 2 | A01 | 2.5
-- 2 | A01 | 3.5
SELECT v.person_id, v.code, l.value FROM visit v
  JOIN lab l ON l.visit_id = v.visit_id AND l.patient_nr = v.person_id
