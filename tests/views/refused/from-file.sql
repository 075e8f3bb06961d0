-- refused: neither under `[tables]`
-- would leak: any file that the process can read
SELECT person_id FROM 'visit.parquet'
