-- gives: person_id | value
-- 1 | 1.5
-- 2 | 2.5
-- 2 | 3.5
-- 4 | 9.0
SELECT patient_nr AS person_id, value FROM lab
