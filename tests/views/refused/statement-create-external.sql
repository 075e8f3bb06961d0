-- refused: `CREATE` is none
CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION 'visit.parquet'
