//! The codes, written out: two drugs, one outcome, and what a person's other rows need.
//!
//! The concepts a study starts from are real (celecoxib, diclofenac, gastrointestinal haemorrhage,
//! myocardial infarction, heart failure, pneumonia), as are those of sex, visits, labs and units.
//! All codes under them are invented.

/// Celecoxib, the ingredient.
pub(crate) const CELECOXIB: i64 = 1_118_084;
/// Diclofenac, the ingredient.
pub(crate) const DICLOFENAC: i64 = 1_124_300;
/// Gastrointestinal haemorrhage.
pub(crate) const BLEED: i64 = 192_671;
/// Acute myocardial infarction.
const INFARCTION: i64 = 312_327;
/// Heart failure.
const HEART_FAILURE: i64 = 316_139;
/// Pneumonia.
const PNEUMONIA: i64 = 255_848;
/// Creatinine in serum or plasma.
pub(crate) const CREATININE: i64 = 3_016_723;
/// Haemoglobin in blood.
pub(crate) const HAEMOGLOBIN: i64 = 3_000_963;

/// A concept: id, parents, class, name, code at its source.
pub(crate) type Entry = (i64, &'static [i64], &'static str, &'static str, &'static str);

/// The drugs of the studies: ingredient, clinical form, brand.
#[rustfmt::skip] // One concept a line.
pub(crate) const DRUGS: &[Entry] = &[
    (CELECOXIB, &[], "Ingredient", "celecoxib", "140587"),
    (1_900_000_110, &[CELECOXIB], "Clinical Drug Form", "celecoxib Oral Capsule", "SY110"),
    (1_900_000_111, &[1_900_000_110], "Branded Drug", "celecoxib Capsule [Arta]", "SY111"),
    (1_900_000_112, &[1_900_000_110], "Branded Drug", "celecoxib Capsule [Belna]", "SY112"),
    (1_900_000_120, &[CELECOXIB], "Clinical Drug Form", "celecoxib Oral Solution", "SY120"),
    (1_900_000_121, &[1_900_000_120], "Branded Drug", "celecoxib Solution [Corin]", "SY121"),
    (DICLOFENAC, &[], "Ingredient", "diclofenac", "3355"),
    (1_900_000_210, &[DICLOFENAC], "Clinical Drug Form", "diclofenac Oral Tablet", "SY210"),
    (1_900_000_211, &[1_900_000_210], "Branded Drug", "diclofenac Tablet [Dolan]", "SY211"),
    (1_900_000_212, &[1_900_000_210], "Branded Drug", "diclofenac Tablet [Elvo]", "SY212"),
    (1_900_000_220, &[DICLOFENAC], "Clinical Drug Form", "diclofenac Suppository", "SY220"),
    (1_900_000_221, &[1_900_000_220], "Branded Drug", "diclofenac Suppository [Fen]", "SY221"),
    (1_900_000_230, &[DICLOFENAC], "Clinical Drug Form", "diclofenac Injection", "SY230"),
];

/// The outcome of the studies. Haematemesis hangs at two heights, so that least and greatest
/// distance differ, as they do in the real closure.
#[rustfmt::skip] // One concept a line.
pub(crate) const FINDINGS: &[Entry] = &[
    (BLEED, &[], "Finding", "Gastrointestinal hemorrhage", "K92.2"),
    (1_900_000_310, &[BLEED], "Finding", "Upper gastrointestinal bleeding", "K92.2"),
    (1_900_000_311, &[1_900_000_310], "Finding", "Gastric ulcer with hemorrhage", "K25.4"),
    (1_900_000_312, &[1_900_000_310], "Finding", "Duodenal ulcer with hemorrhage", "K26.4"),
    (1_900_000_313, &[BLEED, 1_900_000_310], "Finding", "Hematemesis", "K92.0"),
    (1_900_000_320, &[BLEED], "Finding", "Lower gastrointestinal bleeding", "K92.2"),
    (1_900_000_321, &[1_900_000_320], "Finding", "Hemorrhage of rectum", "K62.5"),
    (1_900_000_322, &[1_900_000_320], "Finding", "Diverticular hemorrhage", "K57.3"),
    (1_900_000_330, &[BLEED], "Finding", "Melena", "K92.1"),
];

/// Why somebody is in hospital; nobody gets these codes elsewhere by chance.
#[rustfmt::skip] // One concept a line.
pub(crate) const ADMISSIONS: &[Entry] = &[
    (INFARCTION, &[], "Finding", "Acute myocardial infarction", "I21.9"),
    (1_900_000_410, &[INFARCTION], "Finding", "Infarction of anterior wall", "I21.0"),
    (1_900_000_411, &[1_900_000_410], "Finding", "Infarction of apex", "I21.0"),
    (HEART_FAILURE, &[], "Finding", "Heart failure", "I50.9"),
    (1_900_000_420, &[HEART_FAILURE], "Finding", "Left ventricular failure", "I50.1"),
    (1_900_000_421, &[HEART_FAILURE], "Finding", "Hypertensive heart failure", "I11.0"),
    (PNEUMONIA, &[], "Finding", "Pneumonia", "J18.9"),
    (1_900_000_430, &[PNEUMONIA], "Finding", "Bacterial pneumonia", "J15.9"),
    (1_900_000_431, &[PNEUMONIA], "Finding", "Pneumonia in aspergillosis", "B44.1"),
    (1_900_000_440, &[], "Finding", "Pancreatitis", "K85.9"),
    (1_900_000_441, &[1_900_000_440], "Finding", "Pancreatitis by gallstones", "K85.1"),
    (1_900_000_442, &[], "Finding", "Fracture of neck of femur", "S72.0"),
];

/// What somebody comes to hospital for besides an illness: planned, but for palliative care.
#[rustfmt::skip] // One concept a line.
pub(crate) const CARE: &[Entry] = &[
    (1_900_000_450, &[], "Finding", "Radiotherapy session", "Z51.0"),
    (1_900_000_451, &[], "Finding", "Chemotherapy session", "Z51.1"),
    (1_900_000_452, &[], "Finding", "Palliative care", "Z51.5"),
    (1_900_000_453, &[], "Finding", "Rehabilitation", "Z50.9"),
];

/// Concepts without relatives; their class is also their domain.
#[rustfmt::skip] // One concept a line.
pub(crate) const SINGLES: &[Entry] = &[
    (8_507, &[], "Gender", "MALE", "M"),
    (8_532, &[], "Gender", "FEMALE", "F"),
    (8_527, &[], "Race", "White", "5"),
    (8_516, &[], "Race", "Black or African American", "3"),
    (8_515, &[], "Race", "Asian", "2"),
    (38_003_563, &[], "Ethnicity", "Hispanic or Latino", "Hispanic"),
    (38_003_564, &[], "Ethnicity", "Not Hispanic or Latino", "Not Hispanic"),
    (262, &[], "Visit", "Emergency Room and Inpatient Visit", "ERIP"),
    (9_201, &[], "Visit", "Inpatient Visit", "IP"),
    (9_202, &[], "Visit", "Outpatient Visit", "OP"),
    (9_203, &[], "Visit", "Emergency Room Visit", "ER"),
    (3_004_410, &[], "Measurement", "Hemoglobin A1c in Blood", "4548-4"),
    (CREATININE, &[], "Measurement", "Creatinine in Serum or Plasma", "2160-0"),
    (HAEMOGLOBIN, &[], "Measurement", "Hemoglobin in Blood", "718-7"),
    (8_554, &[], "Unit", "percent", "%"),
    (8_840, &[], "Unit", "milligram per deciliter", "mg/dL"),
    (8_713, &[], "Unit", "gram per deciliter", "g/dL"),
    (8_636, &[], "Unit", "gram per liter", "g/L"),
    (8_749, &[], "Unit", "micromole per liter", "umol/L"),
    (8_753, &[], "Unit", "millimole per liter", "mmol/L"),
    (32_817, &[], "Type Concept", "EHR", "OMOP4976890"),
];

/// ICD-10 categories no study here asks for; each gives a parent and nine children.
pub(crate) const CATEGORIES: [&str; 8] = ["I21", "I10", "E11", "J45", "M17", "N18", "F32", "C34"];
/// Groups of drugs no study here asks for; each gives a parent and nine children.
pub(crate) const DRUG_GROUPS: [&str; 6] =
    ["statin", "nitrate", "insulin", "opioid", "steroid", "antibiotic"];

/// Labs: concept, unit, least and greatest value in tenths of the unit.
pub(crate) const LABS: [(i64, i64, i32, i32); 3] =
    [(3_004_410, 8_554, 45, 120), (CREATININE, 8_840, 4, 40), (HAEMOGLOBIN, 8_713, 70, 170)];
