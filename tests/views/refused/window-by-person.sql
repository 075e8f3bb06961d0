-- refused: a window function (`sum`)
-- would leak: nothing here, but the engine's word alone would keep it so; the guest adds up as well
SELECT person_id, sum(value) OVER (PARTITION BY patient_nr) AS n FROM lab JOIN person ON patient_nr = person_id
