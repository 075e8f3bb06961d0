-- gives: person_id | begin
-- 1 | 2020-01-01
-- 1 | 2020-02-01
-- 2 | 2020-03-01
-- 3 | 2020-04-01
SELECT Person_Id, "START" AS "Begin" FROM Visit
