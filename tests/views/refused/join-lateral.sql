-- refused: is not on the list
-- would leak: a subquery per row may look anywhere
SELECT p.person_id, v.code FROM person p JOIN LATERAL (SELECT code FROM visit WHERE visit.person_id <> p.person_id) v ON true
