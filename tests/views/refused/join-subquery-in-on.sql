-- refused: `EXISTS`
SELECT p.person_id FROM person p JOIN visit v ON p.person_id = v.person_id AND EXISTS (SELECT 1 FROM lab)
