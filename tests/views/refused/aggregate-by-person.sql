-- refused: an aggregate (`count`)
SELECT person_id, count(*) AS n FROM visit GROUP BY person_id
