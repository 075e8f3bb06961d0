-- refused: neither under `[tables]`
SELECT person_id FROM 'https://example.org/visit.parquet'
