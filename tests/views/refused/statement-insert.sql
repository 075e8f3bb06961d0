-- refused: `INSERT` is none
INSERT INTO visit SELECT * FROM visit
