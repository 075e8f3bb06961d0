-- refused: `CREATE` is none
CREATE VIEW x AS SELECT person_id FROM visit
