-- refused: at Line: 5, Column: 3
SELECT person_id,
  FORM visit
  WHERE WHERE
