-- refused: does not parse

