-- refused: @
SELECT person_id FROM visit WHERE code = @x
