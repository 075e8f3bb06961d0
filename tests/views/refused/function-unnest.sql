-- refused: `unnest`
SELECT person_id, unnest(struct(code, start)) FROM visit
