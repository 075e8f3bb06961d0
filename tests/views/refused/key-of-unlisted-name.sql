-- refused: `stays`, which has no unit key `person_id`
-- would leak: nobody has said that `nr` of this table is the unit key
SELECT nr AS person_id FROM stays
