//! Rules on numbers that are computed from many persons at once, for output kinds to come.

#![cfg_attr(not(test), expect(dead_code, reason = "no output kind fits or ranks anything yet"))]

mod digits;
mod quantile;
mod regression;
