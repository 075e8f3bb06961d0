-- refused: a join without an equality
SELECT v.person_id, c.concept_id FROM visit v CROSS JOIN concept c
