-- refused: `Repartition
SELECT person_id FROM visit DISTRIBUTE BY code
