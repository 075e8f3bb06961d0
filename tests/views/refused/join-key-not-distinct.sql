-- refused: does not equate their unit keys
-- would leak: two rows without a key would be one nobody's
SELECT a.person_id, b.code FROM visit a JOIN visit b ON a.person_id IS NOT DISTINCT FROM b.person_id
