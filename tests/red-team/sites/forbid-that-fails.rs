//! expect: refused "`ours/no-notes` cannot be evaluated, which counts as a refusal"
//! catalogue: own
//! broken-by: policies
//! tries: run where the policy that forbids it overflows, so that Cedar alone would pass it over.

use crate::attempt::Attempt;
use crate::frame;
use crate::world::Data;

const POLICIES: &str = r#"
@id("everything")
permit (principal, action, resource);

@id("no-notes")
forbid (principal, action, resource)
when { context.cells + 9223372036854775807 > 0 }
when { context.columns.contains("visit.note") };
"#;

pub(crate) fn attempts() -> Vec<Attempt> {
    let data = Some(Data { policies: Some(POLICIES), ..Data::new(63, 1) });
    vec![Attempt { data, ..Attempt::run(frame::control("honest")) }]
}
