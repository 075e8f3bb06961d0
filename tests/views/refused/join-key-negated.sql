-- refused: does not equate their unit keys
-- would leak: everybody's but one's own
SELECT p.person_id, v.code FROM person p JOIN visit v ON NOT (p.person_id = v.person_id)
