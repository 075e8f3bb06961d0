-- refused: does not equate their unit keys
-- would leak: two persons meet in a code of the vocabulary
SELECT a.person_id, b.start FROM visit a JOIN concept c ON a.code = c.concept_code JOIN visit b ON b.code = c.concept_code
