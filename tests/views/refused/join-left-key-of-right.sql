-- refused: comes from the right of a left join
SELECT v.person_id, p.sex FROM person p LEFT JOIN visit v ON v.person_id = p.person_id
