-- refused: holds the unit key, and no identifier
-- would leak: the guest would see who the person is
SELECT person_id, person_id AS subject FROM visit
