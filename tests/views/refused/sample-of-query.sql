-- refused: `TABLESAMPLE`
SELECT v.person_id FROM (SELECT person_id FROM visit) v TABLESAMPLE BERNOULLI (50)
