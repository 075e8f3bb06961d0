-- refused: a subquery as a value
-- would leak: it says `p.person_id` and could say anything
SELECT p.person_id, (SELECT max(start) FROM visit v WHERE v.person_id <> p.person_id) AS latest FROM person p
