-- refused: mbiguous
SELECT p.person_id, person_id AS x FROM person p JOIN visit v ON p.person_id = v.person_id
