-- refused: Query DELETE
WITH x AS (SELECT 1) DELETE FROM visit
