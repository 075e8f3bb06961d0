-- refused: is `concept.concept_code`
-- would leak: the codes of the vocabulary would be persons
SELECT c.concept_code AS person_id, v.code FROM visit v JOIN concept c ON v.code = c.concept_code
