-- refused: reads the view `tested`
SELECT person_id FROM tested
