-- refused: `COPY` is none
-- would leak: rows into a file of anybody's choice
COPY (SELECT * FROM visit) TO 'out.parquet'
