-- refused: `VALUES`
VALUES (1), (2)
