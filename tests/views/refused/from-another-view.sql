-- refused: reads the view `other`
SELECT person_id FROM other
