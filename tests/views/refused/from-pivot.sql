-- refused: is not on the list
SELECT * FROM visit PIVOT (max(visit_id) FOR code IN ('A01', 'B02'))
