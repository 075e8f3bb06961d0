-- refused: there is more after the `;`
SELECT person_id FROM visit; DROP TABLE visit
