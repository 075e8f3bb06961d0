-- gives: person_id | ancestor_concept_id
-- 1 | 1
-- 1 | 1
-- 2 | 1
SELECT v.person_id, a.ancestor_concept_id FROM visit v JOIN concept c ON c.concept_code = v.code
  JOIN concept_ancestor a ON a.descendant_concept_id = c.concept_id
