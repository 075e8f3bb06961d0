-- gives: person_id | concept_id
-- 1 | 100
-- 1 | 200
-- 2 | 100
SELECT v.person_id, c.concept_id FROM visit v JOIN concept c ON c.concept_code = v.code
