-- refused: store it as one kind
-- would leak: compared as numbers, the texts `1` and `01` are one person
SELECT t.person_id, p.sex FROM person p JOIN texts t ON t.person_id = p.person_id
