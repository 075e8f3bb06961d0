-- refused: has no column `person_id`
SELECT person_id AS subject FROM visit
