-- refused: is `concept.concept_id`, which is not the unit key
-- would leak: concept 2 would be person 2
SELECT c.concept_id AS person_id, v.code FROM visit v JOIN concept c ON v.code = c.concept_code
