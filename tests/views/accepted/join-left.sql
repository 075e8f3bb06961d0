-- gives: person_id | value
-- 1 | 1.5
-- 2 | 2.5
-- 2 | 3.5
-- 3 |
SELECT p.person_id, l.value FROM person p LEFT JOIN lab l ON l.patient_nr = p.person_id
