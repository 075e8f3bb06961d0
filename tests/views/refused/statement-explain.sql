-- refused: `EXPLAIN` is none
EXPLAIN SELECT person_id FROM visit
