-- gives: person_id | read
-- 1 | 2020-12-31
-- 2 | 2020-12-31
-- 3 | 2020-12-31
SELECT person_id, to_date('31.12.2020', '%d.%m.%Y') AS read FROM person
