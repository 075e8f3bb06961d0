-- refused: a table function (`read_parquet`)
SELECT person_id FROM read_parquet('visit.parquet')
