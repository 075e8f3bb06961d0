-- refused: `unnest`
SELECT u.x AS person_id FROM unnest([1, 2]) u(x)
