-- refused: `SHOW` is none
SHOW TABLES
