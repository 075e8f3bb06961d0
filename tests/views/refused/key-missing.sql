-- refused: has no column `person_id`
SELECT code FROM visit
