-- refused: at Line: 3, Column: 31
SELECT person_id,
  code FROM visit WHERE WHERE code = 'A01'
