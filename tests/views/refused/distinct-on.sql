-- refused: `DISTINCT`
-- would leak: whose row stands for a code depends on the others
SELECT DISTINCT ON (code) person_id, code FROM visit
