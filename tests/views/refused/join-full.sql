-- refused: a Full join
SELECT p.person_id FROM visit v FULL JOIN person p ON v.person_id = p.person_id
