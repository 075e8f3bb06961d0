-- refused: neither under `[tables]`
SELECT table_name AS person_id FROM information_schema.tables
