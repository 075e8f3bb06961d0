-- refused: a LeftSemi join
SELECT p.person_id FROM person p LEFT SEMI JOIN visit v ON v.person_id = p.person_id
