-- refused: vocabulary on the left
-- would leak: a code that nobody has would be a row of nobody
SELECT v.person_id, c.concept_id FROM concept c LEFT JOIN visit v ON v.code = c.concept_code
