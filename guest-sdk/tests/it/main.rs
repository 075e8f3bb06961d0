//! One study with one of each: what a test's builder puts in, `analyse` gets out.

mod params;
mod rows;

use std::cell::RefCell;

cloister_guest::study!("tests/it/kinds.toml");

thread_local! {
    /// The rows that the last `analyse` saw, as text: NaN is equal to itself there.
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps every row, and contributes to each output.
fn analyse(person: &Person, params: &Params, out: &mut Outputs) {
    let all = person.all().map(|row| format!("{row:?}"));
    let first = person.first().map(|row| format!("first {:?} {:?}", row.a, row.b));
    let last = person.last().map(|row| format!("last {:?} {:?}", row.a, row.b));
    let picked = person.picked().map(|row| format!("picked {:?} {:?}", row.concept, row.code));
    SEEN.set(all.chain(first).chain(last).chain(picked).collect());

    let slot = Slot::of(15, params).unwrap_or(Slot::other(params));
    out.n.add();
    let scores = [-3, -1].into_iter().filter_map(Score::of);
    scores.for_each(|score| out.cells.add(Label::BC, Age::OTHER, score));
    out.total.add(2_u8);
    out.spread.add(slot, Grade::OTHER, -1.5);
    out.shape.add(Slot::other(params), 15);
}

/// The rows that `analyse` sees of `person`.
fn seen(person: PersonBuilder) -> Vec<String> {
    let found = Study::test().must(1).run(person);
    assert_eq!(found.contributions().len(), 5);
    SEEN.take()
}
