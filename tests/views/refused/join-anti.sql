-- refused: a LeftAnti join
SELECT p.person_id FROM person p LEFT ANTI JOIN visit v ON v.person_id = p.person_id
