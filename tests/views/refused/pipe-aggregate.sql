-- refused: an aggregate
SELECT * FROM visit |> AGGREGATE max(start) AS start GROUP BY person_id
