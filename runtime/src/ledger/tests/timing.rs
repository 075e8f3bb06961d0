//! `cargo xtask bench admit`: how long it takes to verify a ledger of ten thousand entries.

use std::hint::black_box;
use std::time::Instant;

use super::*;

const ENTRIES: u32 = 10_000;

/// A ledger of five thousand jobs, each charged and answered, of fifty studies.
async fn large() -> Site {
    let site = Site::new();
    database::make(&site.file()).unwrap();
    let mut connection = database::open(&site.file()).await.unwrap();
    let mut begun = database::begin(&mut connection).await.unwrap();
    let mut book = Book::verify(Vec::new()).unwrap();
    for job in 0..ENTRIES / 2 {
        let bill = bill(&format!("study {}", job % 50), &job.to_string(), "now", 1, 1);
        for entry in [bill.charge(0), bill.release(0, bill.job)] {
            let entry = book.next(entry);
            database::append(&mut begun, &entry).await.unwrap();
            book.take(entry);
        }
    }
    begun.commit().await.unwrap();
    checkpoint::write(&site.file(), &book, &site.key).await.unwrap();
    site
}

#[tokio::test]
#[ignore = "it measures; `cargo xtask bench admit` asks for it"]
async fn ten_thousand_entries() {
    let site = large().await;
    let begun = Instant::now();
    let book = site.book().await.unwrap();
    let verified = begun.elapsed();
    assert_eq!(book.entries().len(), ENTRIES as usize);
    let begun = Instant::now();
    for entry in book.entries() {
        black_box(entry.hashed(genesis()));
    }
    let hashed = begun.elapsed();
    println!(
        "a ledger of {ENTRIES} entries is verified in {verified:.1?}, {:.1} times as long as its \
         entries are hashed",
        verified.as_secs_f64() / hashed.as_secs_f64()
    );
}
