-- refused: at Line: 2, Column: 19
SELECT person_id, 'open FROM visit
