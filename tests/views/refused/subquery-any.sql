-- refused: subquery
SELECT person_id FROM person WHERE year > ANY (SELECT year FROM person)
