//! The site host of Cloister: answers research questions over records that never leave.
//!
//! [`answer`] is the whole way of a request: admit, run, protect, seal. Start reading there, in
//! `site.rs`.

mod admit;
mod audit;
mod bounded;
mod build_facts;
mod confine;
mod custom_section;
mod dataset;
mod dossier;
mod evidence;
mod faults;
mod guest_build;
mod inspection;
mod instant;
mod invent;
mod keys;
mod ledger;
mod nearest;
mod new_study;
mod omop;
mod page;
mod policy;
mod processes;
mod protect;
mod publish;
mod rebuild;
mod receipt;
mod rehearsal;
mod replay;
mod report;
mod run;
mod site;
mod trust;
mod views;

//
// The way of a request.
//
pub use admit::{Admission, Admitted, Module, Refusal, Request, admit};
pub use audit::{
    AuditEntry, AuditError, AuditEvent, AuditLog, AuditProof, NotProved, Proved, Subject,
    read_audit,
};
pub use cloister_sandbox::Isolation;
pub use dossier::{Dossier, Papers, PolicyFile, TrustFiles};
pub use evidence::{EvidenceError, EvidenceShown, evidence, verify_evidence};
pub use ledger::{
    Account, AccountLine, Amounts, Book, Entry, EntryKind, Exhausted, Kept, Ledger, LedgerError,
    Paid, YearLine, account_lines, keep, ledger_page, read_ledger, verify_stored, year_lines,
};
pub use processes::{CacheError, ChildFault, CodeCache, Confined, Processes, child_main};
pub use protect::{
    History, NoNoise, NotATier, OpenRules, Profile, ProfileError, Protected, Release, Rules, Tier,
    Unprotected, Volume, protect, total_volume, volumes,
};
pub use receipt::{
    Chain, ChainError, NotSealed, SealError, Sealed, Terms, check_seal, read_chain, seal,
};
pub use run::{CellCaps, Draft, Memory, RunFault, RunOptions, SpillError, Tally, explain, run};
pub use site::{Answer, NoAnswer, Site, answer};

//
// What a site has: data, keys, people it knows.
//
pub use dataset::{
    CheckFinding, CheckedTable, Checkup, Dataset, DatasetError, DescribeError, Described,
    PrepareError, PrepareTally, RegisterError, Severity, Snapshot, SnapshotFile, Written, check,
    describe, prepare, register, registered, snapshot_file,
};
pub use keys::{
    AgentError, KeyError, KeyFile, LockedKey, Passphrase, Signer, fingerprint,
    free as free_for_key, new as new_key, public as public_key,
};
pub use policy::{
    Action, DatasetFacts, Decision, Denied, Facts, Forbidden, KnownPerson, NotEvaluated,
    NotPermitted, PermitFacts, Policies, PolicyError, PolicyMistake, SignatureFacts,
};
pub use trust::{
    ApprovalTerms, Asked, CertificateTerms, Claimed, Finding, Missing, NewPerson, ReviewAnswers,
    Role, RootSigned, Said, Signatures, Signed, Standing, Trust, TrustError, Verified, Vouched,
    Wanted, add_person, adopt as adopt_root, approve, certificates_of, certify,
    fingerprint as root_fingerprint, name_of, new_root, sign, sign_root, signatures_of,
    update as update_root,
};

//
// What the red team switches off.
//
#[cfg(feature = "faults")]
pub use faults::choose as choose_faults;

//
// What people do before and after.
//
pub use build_facts::{BuildFacts, NotBuildFacts, RECIPE};
pub use guest_build::{BuildError, Built, GuestStd, Toolchain, build};
pub use inspection::{
    BrokenChecklist, ChecklistItem, InspectError, Inspection, NotTakenApart, checklist,
    contract_page, difference, inspect, review_template,
};
pub use invent::{InventError, Invention};
pub use new_study::{NewStudyError, new_study};
pub use omop::slips;
pub use page::{Page, Section, grouped};
pub use publish::{Place, PublishError, document};
pub use rebuild::{NotComparable, RebuildError, Rebuilt, SourceModule, build_module, rebuild};
pub use rehearsal::{
    FirstTrap, Fuel, FuelNeeded, OutputRehearsal, Rehearsal, RehearsalError, rehearse,
};
pub use replay::{NotReplayed, Replayed, replay};
pub use report::text as report;
pub use views::{ViewError, csv, parquet, strange_tables};
