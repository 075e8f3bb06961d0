-- gives: person_id
-- 1
-- 3
SELECT person_id FROM person WHERE person_id <> 2
