-- refused: `CREATE` is none
CREATE TABLE x AS SELECT person_id FROM visit
