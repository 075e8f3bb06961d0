//! The threats that the attacks are about: each has a number and a name, and an attack at least.
//!
//! Numbers are never given twice; those that are missing here belong to what is not built yet.

/// Number and name of each threat.
pub(crate) const THREATS: [(u32, &str); 66] = [
    (1, "single-person-cell"),
    (2, "k-fakes"),
    (3, "stateful-relay"),
    (4, "memory-persist"),
    (5, "init-peek"),
    (6, "order-leak"),
    (7, "pair-differencing"),
    (8, "l0-flood"),
    (9, "over-clamp"),
    (10, "nan-payload"),
    (11, "float-stuffing"),
    (12, "overflow-wrap"),
    (13, "label-smuggle"),
    (14, "concept-as-data"),
    (15, "bin-edge-smuggle"),
    (16, "param-target"),
    (17, "param-sweep"),
    (18, "filter-intersection"),
    (19, "complement-total"),
    (20, "margin-in-second-table"),
    (21, "cross-module-difference"),
    (22, "longitudinal-difference"),
    (23, "rerun-average"),
    (24, "near-same-module"),
    (27, "cell-order"),
    (28, "cell-count"),
    (29, "suppressed-absent-or-zero"),
    (30, "reason-code"),
    (31, "fuel-clock"),
    (32, "slow-finish"),
    (33, "trap-bit"),
    (34, "oom-bit"),
    (35, "error-text"),
    (36, "recursion"),
    (37, "budget-covert"),
    (38, "noise-timing"),
    (39, "noise-seed"),
    (40, "dominance"),
    (41, "negative-mask"),
    (42, "huth-covariance"),
    (45, "quantile-end"),
    (46, "variance-of-constant"),
    (55, "reviewed-bytes-swap"),
    (58, "reviewer-self-sign"),
    (59, "host-import-probe"),
    (60, "nan-nondeterminism"),
    (61, "receipt-channel"),
    (62, "cancel-and-retry"),
    (63, "arena-collision"),
    (64, "stale-frame"),
    (65, "two-sections"),
    (66, "indicator-sum"),
    (67, "zero-padding"),
    (68, "clamp-flood"),
    (69, "epoch-channel"),
    (70, "trap-count-channel"),
    (71, "instant-of-release"),
    (72, "mixing-view"),
    (73, "duplicate-key"),
    (74, "nested-outputs"),
    (75, "margin-output"),
    (76, "n-from-moments"),
    (77, "receipt-digest"),
    (78, "rename-and-repeat"),
    (79, "wrong-dataset-cache"),
    (80, "local-concepts"),
];

/// What an attack may be about that has no number: the module format, which has one threat as every
/// other parser has, and what is peculiar to this host.
pub(crate) const UNNUMBERED: [&str; 2] = ["modules", "own"];

/// The name of the threat in one word of a header's `catalogue`.
pub(crate) fn name(word: &str) -> Option<String> {
    let numbered = THREATS.iter().find(|(number, _)| number.to_string() == word);
    let unnumbered = UNNUMBERED.iter().find(|known| **known == word);
    numbered
        .map(|(number, name)| format!("{name} ({number})"))
        .or_else(|| unnumbered.map(|known| (*known).to_owned()))
}
