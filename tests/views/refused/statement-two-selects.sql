-- refused: there is more after the `;`
SELECT person_id FROM visit; SELECT person_id FROM person;
