-- refused: a join without an equality
SELECT v.person_id, c.concept_id FROM visit v JOIN concept c ON v.code < c.concept_code
