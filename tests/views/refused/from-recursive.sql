-- refused: Recursive
WITH RECURSIVE r AS (SELECT person_id FROM visit UNION ALL SELECT person_id + 1 FROM r WHERE person_id < 9) SELECT person_id FROM r
