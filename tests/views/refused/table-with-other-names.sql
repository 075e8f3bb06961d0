-- refused: gives the columns of a table other names by their places
SELECT v.person_id, v.b AS day FROM visit AS v(person_id, b)
