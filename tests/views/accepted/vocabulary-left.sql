-- gives: person_id | concept_id
-- 1 | 100
-- 1 | 200
-- 2 | 100
-- 3 | 0
SELECT v.person_id, coalesce(c.concept_id, 0) AS concept_id FROM visit v
  LEFT JOIN concept c ON upper(c.concept_code) = upper(v.code)
