-- refused: a union with vocabulary
-- would leak: concept 2 would be a row of person 2
SELECT person_id, code FROM visit UNION ALL SELECT concept_id, concept_code FROM concept
