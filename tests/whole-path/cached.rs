//! Machine code that a site keeps: used at the next run, and never anybody else's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::harness::{command, example, fresh, gibleed, text};

/// A run of `module` with the cache in `folder`: its release, and what was said of the code.
fn run(module: &Path, folder: &Path, more: &[&str]) -> Result<(Vec<u8>, String), String> {
    let out = fresh();
    let out = out.path().join("out");
    let dataset = gibleed();
    let asked = ["run", text(module), "--profile", "exact", "--dataset", text(&dataset)];
    let mut command = command(&asked);
    command.args(["--out", text(&out), "--code-cache", text(folder)]).args(more);
    let output = command.env("CLOISTER_LOG", "cloister=info").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let release = fs::read(out.join("UNPROTECTED-release.json")).map_err(|_| said.clone())?;
    Ok((release, said))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|end| end == "code")).collect()
}

const USED: &str = "the module was compiled before";
const ANEW: &str = "compiled anew";

#[test]
fn code_is_compiled_once_and_run_only_as_this_site_wrote_it() {
    let (folder, module) = (fresh(), example("gi-bleed"));
    let cache = folder.path().join("cache");
    let (release, said) = run(&module, &cache, &[]).unwrap();
    assert!(!said.contains(USED), "{said}");
    let [entry] = &entries(&cache)[..] else { panic!("one module, one entry") };
    let code = fs::read(entry).unwrap();
    for file in [&cache, entry, &cache.join("secret")] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o077, 0);
    }
    let (again, said) = run(&module, &cache, &[]).unwrap();
    assert!(said.contains(USED), "{said}");
    assert_eq!(again, release);

    // Another job, another entry; under the first one's name it is not what the site wrote there.
    let params = ["--param", "horizon_days=30"];
    let (thirty, _) = run(&module, &cache, &params).unwrap();
    let other = entries(&cache).into_iter().find(|file| file != entry).unwrap();
    let others = fs::read(&other).unwrap();
    let mut changed = code.clone();
    *changed.last_mut().unwrap() ^= 1;
    for wrong in [&others[..], &changed, &code[..code.len() - 1], &[]] {
        fs::write(entry, wrong).unwrap();
        let (again, said) = run(&module, &cache, &[]).unwrap();
        assert!(said.contains(ANEW) && !said.contains(USED), "{said}");
        assert_eq!(again, release);
        assert_eq!(fs::read(entry).unwrap(), code, "it is written anew");
    }
    let (again, said) = run(&module, &cache, &params).unwrap();
    assert!(said.contains(USED), "{said}");
    assert_eq!(again, thirty);

    // Of another site's secret, each tag is wrong.
    fs::write(cache.join("secret"), [7; 32]).unwrap();
    assert!(run(&module, &cache, &[]).unwrap().1.contains(ANEW));
}

#[test]
fn a_cache_that_others_may_write_is_refused() {
    let (folder, module) = (fresh(), example("gi-bleed"));
    let cache = folder.path().join("cache");
    run(&module, &cache, &[]).unwrap();
    for (file, mode) in [(cache.clone(), 0o777), (cache.join("secret"), 0o644)] {
        let before = fs::metadata(&file).unwrap().permissions();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let said = run(&module, &cache, &[]).unwrap_err();
        assert!(said.contains("must be yours alone"), "{said}");
        fs::set_permissions(&file, before).unwrap();
    }
    run(&module, &cache, &[]).unwrap();
}
