-- gives: person_id | chapter | nr | label | month | next
-- 1 | A | 1 | early A01 | 1 | 2020-01-02
-- 1 | B | 2 | late B02 | 2 | 2020-02-02
-- 2 | A | 1 | late A01 | 3 | 2020-03-02
-- 3 | ? |  |  | 4 | 2020-04-02
SELECT person_id, coalesce(substr(code, 1, 1), '?') AS chapter,
  CAST(regexp_replace(code, '^[A-Z]', '') AS INT) AS nr,
  CASE WHEN start < DATE '2020-01-15' THEN 'early ' ELSE 'late ' END || upper(trim(code)) AS label,
  extract(month FROM start) AS month, start + INTERVAL '1 day' AS next FROM visit
