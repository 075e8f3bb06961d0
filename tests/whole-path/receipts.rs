//! The receipts of a site: what they say, that each follows the one before, and that nothing of the
//! data is in them but what the release shows.

use std::fs;
use std::path::{Path, PathBuf};

use cloister_contract::digest::Digest;
use cloister_contract::envelope::Envelope;
use cloister_contract::statement::{Claim, Receipt, Statement};

use crate::charged::Site;
use crate::harness::{cloister, example, fresh, gibleed, succeed, text};

impl Site {
    fn chain(&self) -> PathBuf {
        self.data.path().join("receipts.jsonl")
    }

    fn released(&self, out: &str) -> PathBuf {
        self.outs.path().join(out)
    }

    /// The receipt of what is in `out`, and the digest of its statement.
    fn receipt(&self, out: &str) -> (Receipt, Digest) {
        let line =
            fs::read_to_string(self.released(out).join("release.json.intoto.jsonl")).unwrap();
        let envelope = Envelope::from_line(line.trim()).unwrap();
        let key = cloister::public_key(&self.people.file("site.pub")).unwrap();
        let payload = envelope.verify(&key).unwrap();
        let receipt = match Statement::decode(payload).unwrap().claim {
            Claim::Receipt(receipt) => Some(*receipt),
            _ => None,
        };
        (receipt.unwrap(), Digest::of(payload))
    }

    /// What `cloister receipt verify` says of what is in `out`, or how it refuses.
    fn verify(&self, out: &str, chain: Option<&Path>) -> Result<String, String> {
        let (out, site) = (self.released(out), self.people.file("site.pub"));
        let mut words = vec!["receipt", "verify", text(&out), "--site", text(&site)];
        words.extend(chain.into_iter().flat_map(|chain| ["--chain", text(chain)]));
        let ended = cloister(&words);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if ended.status.success() { Ok(text(ended.stdout)) } else { Err(text(ended.stderr)) }
    }
}

#[test]
fn each_receipt_follows_the_one_before_and_says_what_was_asked() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let (first, digest) = site.receipt("one");
    assert!(first.before.is_none(), "{first:?}");
    assert_eq!(first.params["year"], 1);
    assert_eq!((first.dataset.name.as_str(), first.tier.as_str()), ("secrets", "reviewed"));
    // The same release again has a receipt of its own: whoever asks gets one.
    assert_eq!(
        site.run(1, "again").unwrap(),
        fs::read(site.released("one").join("release.json")).unwrap()
    );
    let (again, second) = site.receipt("again");
    assert_eq!(again.before, Some(digest));
    succeed(&[
        "dataset",
        "register",
        text(&site.dataset),
        "--site-key",
        text(&site.people.file("site.key")),
    ]);
    site.run(2, "two").unwrap();
    let (two, _) = site.receipt("two");
    assert_eq!(two.before, Some(second));
    let note = fs::read(site.data.path().join("dataset.snapshot.json")).unwrap();
    assert_eq!(two.snapshot.unwrap().commitment, Digest::of(&note));
    let said = site.verify("two", Some(&site.chain())).unwrap();
    for fact in
        ["four 1.0.0", "receipt 3 of 3", "{\"year\":2}", "profile   hospital, tier reviewed"]
    {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert!(site.verify("one", Some(&site.chain())).unwrap().contains("receipt 1 of 3"));
    // What the audit log names is the chain, entry by entry.
    let key = cloister::public_key(&site.people.file("site.pub")).unwrap();
    let log = cloister::read_audit(&site.data.path().join("audit.jsonl"), Some(&key)).unwrap();
    let named: Vec<Digest> = log.entries().filter_map(|entry| entry.receipt()).collect();
    let chain = cloister::read_chain(&site.chain(), &key).unwrap();
    assert_eq!(
        named.iter().map(|one| chain.place(*one)).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(2)]
    );
}

/// Whoever reads the tables reads what was sealed.
#[test]
fn a_table_beside_a_release_has_its_numbers_or_is_named() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    site.verify("one", None).unwrap();
    let other = fresh();
    let module = site.people.signed(&example("age-sex"));
    let run = site.people.run(&module, &gibleed(), &other.path().join("out"));
    succeed(&run.iter().map(String::as_str).collect::<Vec<_>>());
    for name in ["cells.csv", "cells.parquet"] {
        let file = site.released("one").join(name);
        let whole = fs::read(&file).unwrap();
        let cut = whole[..whole.len() / 2].to_vec();
        for bytes in [fs::read(other.path().join("out").join(name)).unwrap(), cut] {
            fs::write(&file, bytes).unwrap();
            let said = site.verify("one", None).unwrap_err();
            assert!(said.contains(name) && said.contains("take the numbers from"), "{said}");
        }
        fs::write(&file, whole).unwrap();
    }
    site.verify("one", None).unwrap();
    // A release without its tables is one all the same.
    fs::remove_file(site.released("one").join("cells.parquet")).unwrap();
    site.verify("one", None).unwrap();
}

#[test]
fn no_receipt_can_be_changed_left_out_or_put_back() {
    let site = Site::new();
    site.run(1, "one").unwrap();
    let early = fs::read(site.chain()).unwrap();
    for at in 0..3 {
        site.run(1, &format!("again-{at}")).unwrap();
    }
    let whole = fs::read_to_string(site.chain()).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let with = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let other = fresh();
    let other = other.path().join("receipts.jsonl");
    for (changed, says) in [
        (with(&[lines[0], lines[2], lines[3]]), "line 2 does not follow"),
        (with(&[lines[1], lines[2], lines[3]]), "line 1 does not follow"),
        (with(&[lines[0], lines[2], lines[1], lines[3]]), "line 2 does not follow"),
        (with(&lines) + lines[3] + "\n", "line 5 does not follow"),
        (whole.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1), "line 1: "),
        (with(&lines[..2]), "the receipt is not in the chain"),
    ] {
        fs::write(&other, changed).unwrap();
        let said = site.verify("again-2", Some(&other)).unwrap_err();
        assert!(said.contains(says), "{says}: {said}");
    }
    // A site whose receipts are not those that its audit log names releases nothing.
    for changed in [
        early.as_slice(),
        b"",
        b"{}\n",
        with(&[lines[0], lines[1], lines[2], &lines[3].replace("\"sig\":\"", "\"sig\":\"AAAA")])
            .as_bytes(),
        with(&[lines[0], lines[2], lines[3]]).as_bytes(),
        with(&["{}", lines[1], lines[2], lines[3]]).as_bytes(),
        with(&lines[3..]).as_bytes(),
    ] {
        fs::write(site.chain(), changed).unwrap();
        let said = site.run(2, "no").unwrap_err();
        assert!(said.contains("receipts in") && said.contains("do not verify"), "{said}");
    }
    fs::remove_file(site.chain()).unwrap();
    assert!(site.run(2, "no").unwrap_err().contains("they are gone, and the audit log names some"));
    // Half a line never counted; what was stored when the receipt could not be written is given.
    fs::write(site.chain(), format!("{whole}half a rec")).unwrap();
    site.run(2, "two").unwrap();
    assert!(site.verify("two", Some(&site.chain())).unwrap().contains("receipt 5 of 5"));
    assert_eq!(site.charges(), 2);
}
