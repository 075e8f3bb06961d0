//! The sandbox's tests: which modules are refused and why, and what a guest can do to the host, to
//! itself and to the next person.

// `cfg(test)` lets clippy see that helpers belong to tests.

/// Modules that are refused, one file a reason.
#[cfg(test)]
mod refused;

/// Bytes that are no module, and modules with damaged bytes.
#[cfg(test)]
mod bytes;

/// More than the limits on a module allow, and exactly as much.
#[cfg(test)]
mod too_much;

/// Guests, made from a little text.
#[cfg(test)]
mod guests;

/// Persons that are dropped: what a guest does wrong stays with that person.
#[cfg(test)]
mod dropped;

/// Persons that do not see each other.
#[cfg(test)]
mod pristine;

/// What crosses from guest to host.
#[cfg(test)]
mod contributions;

/// The feature that breaks the sandbox is nobody's.
#[cfg(test)]
mod no_faults;

/// Fuel, memory, tables and stack have an end.
#[cfg(test)]
mod limits;
