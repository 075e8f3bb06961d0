//! Who signs and who seals: an author, reviewers and two sites, and the trust roots that list them.

use std::fs;
use std::path::Path;
use std::process::Command as Process;
use std::sync::OnceLock;

use cloister::{NewPerson, ReviewAnswers, Role, Said};
use cloister_contract::public_key::PublicKey;
use tempfile::TempDir;

use crate::site::fresh;

/// Signs the module in `file`. One that is refused cannot be signed, and need not be, but by a
/// host that has a mechanism `off` and takes it.
pub(crate) fn sign(file: &Path, signers: &[(&'static str, Role)], off: Option<&str>) {
    let Ok(module) = cloister::Module::open(file) else {
        for ((name, role), off) in signers.iter().zip(std::iter::repeat(off)) {
            let Some(off) = off else { return };
            let mut command = Process::new(env!("CARGO_BIN_EXE_cloister"));
            command.arg("sign").arg(file).args(["--role", role.name(), "--key"]);
            command.arg(people().path().join(format!("{name}.key"))).env("CLOISTER_FAULTS", off);
            command.output().unwrap();
        }
        return;
    };
    for (name, role) in signers {
        let key = people().path().join(format!("{name}.key"));
        let key = signer(&key);
        let said = match role {
            Role::Author => Said::Authorship { source_commit: None },
            _ => Said::Review(ReviewAnswers::default()),
        };
        let signed = cloister::sign(file, &module, &key, said, "2020-01-01T00:00:00Z".to_owned());
        if let Err(cloister::TrustError::Signed(_)) = signed {
            repeat_last(file);
        } else {
            signed.unwrap();
        }
    }
}

/// The key in `file`, which has no passphrase.
pub(crate) fn signer(file: &Path) -> cloister::Signer {
    match cloister::KeyFile::open(file).unwrap() {
        cloister::KeyFile::Private(key) => key,
        _ => panic!("`{}` has a passphrase, or is public", file.display()),
    }
}

/// Adds the last signature beside `module` once more: the command would not.
fn repeat_last(module: &Path) {
    let file = module.with_extension("wasm.intoto.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let last = text.lines().last().unwrap();
    fs::write(&file, format!("{text}{last}\n")).unwrap();
}

/// Whoever a test needs, each with a key, and the trust root that lists them; in the folder
/// `revoked` a newer one, by which the key of the reviewer `two` no longer counts.
pub(crate) fn people() -> &'static TempDir {
    static PEOPLE: OnceLock<TempDir> = OnceLock::new();
    PEOPLE.get_or_init(|| {
        let folder = fresh();
        let file = |name: &str| folder.path().join(name);
        for name in ["root", "author", "one", "two", "site", "elsewhere", "stranger"] {
            cloister::new_key(&file(&format!("{name}.key")), None).unwrap();
        }
        let key = |name: &str| {
            PublicKey::from(cloister::public_key(&file(&format!("{name}.pub"))).unwrap())
        };
        let (trust, now) = (file("trust.toml"), jiff::Timestamp::now());
        cloister::new_root(&trust, &[key("root")], 1, now).unwrap();
        for (name, role) in
            [("author", Role::Author), ("one", Role::Reviewer), ("two", Role::Reviewer)]
        {
            let (organisation, roles) = (format!("org of {name}"), vec![role]);
            let person = NewPerson { name: name.to_owned(), organisation, roles, key: key(name) };
            cloister::add_person(&trust, &person, now).unwrap();
        }
        let revoked = file("revoked/trust.toml");
        fs::create_dir(file("revoked")).unwrap();
        let line = format!("\n[[revoked]]\nkey = \"{}\"\nwhy = \"lost\"\n", key("two"));
        fs::write(&revoked, fs::read_to_string(&trust).unwrap() + &line).unwrap();
        for root in [&trust, &revoked] {
            cloister::sign_root(root, &signer(&file("root.key"))).unwrap();
            let (fingerprint, _) = cloister::root_fingerprint(root).unwrap();
            cloister::adopt_root(root, fingerprint, now).unwrap();
        }
        folder
    })
}

/// Makes the trust root in `root` (`.`, or `revoked`) that of the site over the data in `data`.
pub(crate) fn trust(root: &str, data: &Path) {
    for name in ["trust.toml", "trust.toml.intoto.jsonl", "trust.pinned.toml"] {
        fs::copy(people().path().join(root).join(name), data.join(name)).unwrap();
    }
}
