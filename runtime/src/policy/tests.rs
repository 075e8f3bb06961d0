//! Policies held to their decision cases, to every mistake that a site can make, and to faults.

mod probe;
