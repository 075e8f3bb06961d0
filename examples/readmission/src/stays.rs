//! Stays in hospital: what visits make one, why it was, and whether it was planned.

use cloister_guest::{Date, Link};

use crate::{Codes, Params, Person, Reason};

/// Inpatient visits that overlap, or of which one begins on the day the other ends.
pub(crate) struct Stay {
    pub(crate) admitted: Date,
    pub(crate) discharged: Date,
    /// Of its first diagnosis among the study's conditions, if there is one.
    pub(crate) reason: Option<Reason>,
    pub(crate) planned: bool,
    visits: Vec<Link>,
}

impl Stay {
    /// Whether `visit`, as a diagnosis or a lab names it, is one of the stay's.
    pub(crate) fn has(&self, visit: Option<Link>) -> bool {
        self.visits.iter().any(|own| Some(*own) == visit)
    }
}

/// A person's stays, from the first to the last.
pub(crate) fn stays(person: &Person, params: &Params) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    for row in person.stay() {
        let Some(admitted) = row.visit_start_date else { continue };
        let discharged = row.visit_end_date.unwrap_or(params.snapshot_date).max(admitted);
        let visits = Vec::from_iter(row.visit_occurrence_id);
        if let Some(stay) = stays.last_mut().filter(|stay| admitted <= stay.discharged) {
            stay.discharged = stay.discharged.max(discharged);
            stay.visits.extend(visits);
        } else {
            stays.push(Stay { admitted, discharged, reason: None, planned: false, visits });
        }
    }
    for row in person.reason() {
        if let Some(stay) = stays.iter_mut().find(|stay| stay.has(row.visit_occurrence_id)) {
            // Rows come by date, then by code: the first one decides.
            stay.reason.get_or_insert_with(|| reason(&params.codes, row.condition_source_value));
        }
    }
    for row in person.planned() {
        if let Some(stay) = stays.iter_mut().find(|stay| stay.has(row.visit_occurrence_id)) {
            stay.planned = true;
        }
    }
    stays
}

fn reason(codes: &Codes, source: Option<&str>) -> Reason {
    if codes.circulatory.contains(source) {
        Reason::Circulatory
    } else if codes.respiratory.contains(source) {
        Reason::Respiratory
    } else if codes.digestive.contains(source) {
        Reason::Digestive
    } else {
        Reason::Other
    }
}
