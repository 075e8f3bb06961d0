-- refused: does not equate their unit keys
SELECT p.person_id, l.value FROM person p LEFT JOIN visit v ON v.person_id = p.person_id JOIN lab l ON l.patient_nr = v.person_id
