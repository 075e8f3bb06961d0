//! A site's folder with what is forged, and the real binary before it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloister_contract::digest::Digest;
use cloister_contract::public_key::PublicKey;
use tempfile::TempDir;

use crate::case::{Case, Change, Verdict};
use crate::forge::{Forged, change_of, forge, hexadecimal, replaced};
use crate::world::{World, key};

/// Lays out the folder, runs the command, and compares what comes of it with the verdict.
pub(crate) fn holds(case: &Case) -> Result<(), String> {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&scratch).unwrap();
    let folder = tempfile::tempdir_in(scratch).unwrap();
    let changes = &case.what.forge;
    let forged = forge(changes)?;
    lay_out(folder.path(), &forged, changes)?;
    if case.what.run != "adopt" {
        adopt(folder.path())?;
    }
    afterwards(folder.path(), changes, &forged.world)?;
    let before = fs::read(folder.path().join("trust.pinned.toml")).ok();
    let (code, stdout, stderr) = run(case, &folder);
    let all = format!("{stdout}{stderr}");
    for words in &case.says {
        if !stdout.contains(words) {
            return Err(format!("it does not say `{words}`: {all}"));
        }
    }
    match &case.verdict {
        Verdict::Accepted if code == Some(0) => Ok(()),
        Verdict::Refused(words) if code == Some(1) && stderr.contains(words) => {
            if stdout.contains("stand behind this module") || !stderr.starts_with("error: ") {
                return Err(format!("it is refused and accepted: {all}"));
            }
            let after = fs::read(folder.path().join("trust.pinned.toml")).ok();
            if before == after { Ok(()) } else { Err("what is refused changed the pin".to_owned()) }
        }
        verdict => Err(format!("{verdict:?}, but exit code {code:?}: {all}")),
    }
}

fn run(case: &Case, folder: &TempDir) -> (Option<i32>, String, String) {
    let expect = if case.what.compared {
        Digest::of(World::base().trust.as_bytes())
    } else {
        Digest::of(&fs::read(folder.path().join("trust.toml")).unwrap())
    };
    let expect = expect.to_string();
    let arguments: &[&str] = match case.what.run.as_str() {
        "verify" => &["verify", "study.wasm"],
        "independent" => &["verify", "study.wasm", "--other-organisation", "2"],
        "certified" => &["verify", "study.wasm", "--code-of-conduct", "Code 1"],
        "approved" => &["verify", "study.wasm", "--approved-for", "hospital"],
        "adopt" => &["trust", "adopt", "--expect", &expect],
        "update" => &["trust", "update", "next.toml"],
        "seal" => &["verify", "release.json", "--site", "site.pub"],
        other => panic!("there is no command `{other}`"),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloister"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Writes every file, signed, but for what comes after.
fn lay_out(folder: &Path, forged: &Forged, changes: &[Change]) -> Result<(), String> {
    let world = &forged.world;
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("study.wasm", &world.module);
    write("release.json", world.release.as_bytes());
    write("trust.toml", world.trust.as_bytes());
    write("next.toml", world.next.as_bytes());
    write("site.pub", pem("site").as_bytes());
    for (file, name) in [
        ("study.wasm", "study.wasm.intoto.jsonl"),
        ("trust.toml", "trust.toml.intoto.jsonl"),
        ("next.toml", "next.toml.intoto.jsonl"),
        ("certificates", "certificates.intoto.jsonl"),
        ("release.json", "release.json.intoto.jsonl"),
    ] {
        let lines = forged.lines.iter().filter(|(of, _)| *of == file);
        let lines: Vec<u8> = lines.flat_map(|(_, line)| [line, &b"\n"[..]].concat()).collect();
        write(name, &lines);
    }
    for (what, file) in
        [("module", "study.wasm"), ("release", "release.json"), ("next", "next.toml")]
    {
        change_file(folder, file, change_of(changes, what), world)?;
    }
    Ok(())
}

/// A public key as `cloister key new` writes it.
fn pem(name: &str) -> String {
    use ed25519_dalek::pkcs8::EncodePublicKey as _;
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    let key: PublicKey = PublicKey::from(key(name).verifying_key());
    key.key().to_public_key_pem(LineEnding::LF).unwrap()
}

/// Pins the trust root as it lies there: what is forged before was really adopted.
fn adopt(folder: &Path) -> Result<(), String> {
    let file = folder.join("trust.toml");
    let digest = Digest::of(&fs::read(&file).unwrap());
    let adopted = cloister::adopt_root(&file, digest, jiff::Timestamp::now());
    adopted.map(|_| ()).map_err(|error| format!("the base cannot be adopted: {error}"))
}

/// What is changed behind the site's back.
fn afterwards(folder: &Path, changes: &[Change], world: &World) -> Result<(), String> {
    for (what, file) in [
        ("trust", "trust.toml"),
        ("pin", "trust.pinned.toml"),
        ("roots", "trust.toml.intoto.jsonl"),
        ("signatures", "study.wasm.intoto.jsonl"),
    ] {
        change_file(folder, file, change_of(changes, what), world)?;
    }
    Ok(())
}

fn change_file(
    folder: &Path,
    name: &str,
    change: Option<&Change>,
    world: &World,
) -> Result<(), String> {
    let Some(change) = change else { return Ok(()) };
    let file = folder.join(name);
    if change.gone {
        return fs::remove_file(file).map_err(|error| error.to_string());
    }
    let mut bytes = match &change.literal {
        Some(text) => text.clone().into_bytes(),
        None => fs::read(&file).map_err(|error| error.to_string())?,
    };
    if !change.then.is_empty() {
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        bytes = replaced(&text, &change.then, world)?.into_bytes();
    }
    bytes.truncate(change.cut.unwrap_or(usize::MAX));
    bytes.extend(hexadecimal(change.append.as_deref().unwrap_or(""))?);
    fs::write(file, bytes).map_err(|error| error.to_string())
}
