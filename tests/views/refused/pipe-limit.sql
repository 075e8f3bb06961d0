-- refused: `LIMIT`
-- would leak: the same in another syntax
SELECT * FROM visit |> LIMIT 1
