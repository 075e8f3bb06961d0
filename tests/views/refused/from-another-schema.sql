-- refused: neither under `[tables]`
SELECT person_id FROM other.visit
