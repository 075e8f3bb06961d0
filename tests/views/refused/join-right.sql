-- refused: a Right join
-- would leak: rows of persons without a visit, under a null
SELECT v.person_id, p.sex FROM visit v RIGHT JOIN person p ON v.person_id = p.person_id
