-- refused: `VALUES`
SELECT v.column1 AS person_id FROM (VALUES (1), (2)) v
