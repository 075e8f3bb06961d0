-- refused: does not parse
SELEKT person_id FROM visit
