-- refused: does not equate their unit keys
-- would leak: labs of a visit number, whoever's it is
SELECT v.person_id, l.value FROM visit v NATURAL JOIN lab l
