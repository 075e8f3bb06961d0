-- refused: `UPDATE` is none
UPDATE visit SET code = 'x'
