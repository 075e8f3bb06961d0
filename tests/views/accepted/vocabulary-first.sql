-- gives: person_id | concept_id
-- 1 | 100
-- 1 | 200
-- 2 | 100
SELECT v.person_id, c.concept_id FROM concept c JOIN visit v ON c.concept_code = v.code
