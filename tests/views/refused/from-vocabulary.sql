-- refused: reads vocabulary alone
SELECT concept_id AS person_id FROM concept
