-- refused: `DROP` is none
DROP TABLE visit
