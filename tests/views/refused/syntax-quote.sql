-- refused: at Line: 3, Column: 
SELECT person_id, 'open FROM visit
