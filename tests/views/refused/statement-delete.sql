-- refused: `DELETE` is none
DELETE FROM visit
