//! The arrows between the rooms, asserted: which crate may depend on which, which room of the harness
//! may name which, and who alone may touch the world outside.
//!
//! The tables below are the rule; ARCHITECTURE.md gives the reasons. A room that is in no table fails
//! the test, so that a new one is placed before it is furnished.

#[path = "arrows/scan.rs"]
mod scan;

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use scan::{Mention, mentions};
use serde_json::Value;

/// By folder: the workspace crates that a crate may depend on, in any kind of dependency.
const CRATES: &[(&str, &[&str])] = &[
    ("vectors", &[]),
    ("reports", &["vectors"]),
    ("harness", &["vectors", "reports"]),
    ("benches", &["vectors", "reports", "harness"]),
];

/// In `harness/src`: the other rooms that a room may name. `lib.rs` and `main.rs` may name any.
const ROOMS: &[(&str, &[&str])] = &[
    ("verifier", &[]),
    ("builtin", &["verifier"]),
    ("adapter", &["verifier", "builtin"]),
    ("issuer", &[]),
    ("runner", &["verifier", "adapter", "issuer"]),
    ("lab", &["adapter", "runner"]),
    ("doctor", &["verifier", "adapter", "runner"]),
    ("cli", &["verifier", "builtin", "adapter", "issuer", "runner", "lab", "doctor"]),
];

/// What sources must not name, and where.
struct Rule {
    /// The files that it binds: those whose path starts so.
    within: &'static str,
    /// The files among them that it does not bind: those whose path starts so.
    except: &'static [&'static str],
    /// A path and all below it, `name!` for a macro, `*::name` for whatever ends so.
    forbidden: &'static [&'static str],
    /// What would be lost without it.
    why: &'static str,
}

const PRINTING: &[&str] = &[
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "std::io::stdout",
    "std::io::stderr",
    "anstream::stdout",
    "anstream::stderr",
    "anstream::AutoStream",
];

const RULES: &[Rule] = &[
    Rule {
        within: "harness/src/",
        except: &["harness/src/adapter/process", "harness/src/adapter/guard.rs"],
        forbidden: &["std::process::Command", "std::os::unix::process"],
        why: "only `process` spawns, so that no child outlives us or escapes its deadline",
    },
    Rule {
        within: "harness/src/",
        except: &["harness/src/issuer/"],
        forbidden: &[
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::os::unix::net::UnixListener",
            "*::bind",
        ],
        why: "only `issuer` listens, so that what can be reached from outside is in one place",
    },
    Rule {
        within: "harness/src/",
        except: &["harness/src/cli/", "harness/src/main.rs"],
        forbidden: PRINTING,
        why: "only `cli` prints, so that hostile text is escaped in one place",
    },
    Rule {
        within: "vectors/src/",
        except: &[],
        forbidden: &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::time::SystemTime",
            "std::time::Instant",
        ],
        why: "time, randomness and the network come in through `Env`, so that bytes are the same anywhere",
    },
    Rule { within: "vectors/src/", except: &[], forbidden: PRINTING, why: "only `cli` prints" },
    Rule {
        within: "reports/src/",
        except: &[],
        forbidden: &["std::fs", "std::net", "std::process"],
        why: "bytes leave a writer through `&mut dyn Write`, so that anything can be written anywhere",
    },
    Rule { within: "reports/src/", except: &[], forbidden: PRINTING, why: "only `cli` prints" },
    Rule {
        within: "harness/src/builtin/reference",
        except: &[],
        forbidden: &[
            "gauntlet_vectors::forge",
            "p256",
            "p384",
            "p521",
            "k256",
            "curve25519_dalek",
            "ed25519_dalek",
            "hmac",
            "sha2",
            "shake",
            "num_bigint",
            "rsa",
        ],
        why: "the two oracles share nothing, so that one mistake cannot cancel itself",
    },
    Rule {
        within: "vectors/src/forge",
        except: &[],
        forbidden: &["aws_lc_rs", "ed448_goldilocks", "jsonwebtoken"],
        why: "the two oracles share nothing, so that one mistake cannot cancel itself",
    },
];

#[test]
fn crates_depend_on_each_other_along_the_arrows_only() -> Result<(), Box<dyn Error>> {
    let root = workspace();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(&root)
        .output()?;
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;

    let broken: Vec<_> = packages.iter().flat_map(|package| broken_by(package, &root)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert_eq!(packages.len(), CRATES.len(), "a crate of the table is gone");
    Ok(())
}

#[test]
fn rooms_of_the_harness_name_only_those_that_they_may() -> Result<(), Box<dyn Error>> {
    let mut broken = Vec::new();
    for (file, text) in sources("harness/src/")? {
        broken.extend(room_arrows(&file, &text));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

#[test]
fn sources_name_nothing_that_their_room_forbids() -> Result<(), Box<dyn Error>> {
    let mut broken = Vec::new();
    for rule in RULES {
        let files = sources(rule.within)?;
        assert!(!files.is_empty(), "{} is gone: the rule binds nobody", rule.within);
        for (file, text) in files {
            broken.extend(breaches(rule, &file, &text));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

/// What a package depends on and must not.
fn broken_by(package: &Value, root: &Path) -> Vec<String> {
    let folder = |path: &Value| {
        let path = Path::new(path.as_str()?).strip_prefix(root).ok()?;
        Some(path.to_string_lossy().trim_end_matches("/Cargo.toml").to_owned())
    };
    let Some(here) = folder(&package["manifest_path"]) else {
        return vec![format!("{} lies outside of the workspace", package["name"])];
    };
    let Some((_, allowed)) = CRATES.iter().find(|(room, _)| *room == here) else {
        return vec![format!("crate `{here}` is in no table: say in CRATES what it may depend on")];
    };
    let paths = package["dependencies"].as_array().into_iter().flatten();
    let paths = paths.filter(|dependency| !dependency["path"].is_null());
    paths
        .filter_map(|dependency| {
            let there = folder(&dependency["path"]).unwrap_or_else(|| "elsewhere".to_owned());
            // A crate's tests may switch on features of the crate itself.
            let wrong = there != here && !allowed.contains(&there.as_str());
            wrong.then(|| format!("crate `{here}` must not depend on `{there}`"))
        })
        .collect()
}

/// The rooms of the harness that a file names and must not.
fn room_arrows(file: &str, text: &str) -> Vec<String> {
    let below = file.trim_start_matches("harness/src/");
    let here = below.split('/').next().unwrap_or(below).trim_end_matches(".rs");
    if matches!(here, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == here) else {
        return vec![format!(
            "{file}: room `{here}` is in no table: say in ROOMS what it may name"
        )];
    };
    let mut broken = Vec::new();
    for Mention { line, name } in mentions(below, text) {
        let there = name.strip_prefix("crate::").and_then(|path| path.split("::").next());
        if let Some(there) = there
            && there != here
            && !allowed.contains(&there)
        {
            broken.push(format!("{file}:{line}: `{here}` must not name `{there}`: `{name}`"));
        }
    }
    broken
}

/// What a file names although the rule forbids it.
fn breaches(rule: &Rule, file: &str, text: &str) -> Vec<String> {
    if rule.except.iter().any(|exempt| file.starts_with(exempt)) {
        return Vec::new();
    }
    let below = file.split_once("/src/").map_or(file, |(_, below)| below);
    let mut broken = Vec::new();
    for Mention { line, name } in mentions(below, text) {
        if rule.forbidden.iter().any(|pattern| matches(pattern, &name)) {
            broken.push(format!("{file}:{line}: must not name `{name}`: {}", rule.why));
        }
    }
    broken
}

/// Whether a mention is what the pattern says, or lies below it, or imports all that is above it.
fn matches(pattern: &str, name: &str) -> bool {
    if let Some(last) = pattern.strip_prefix('*') {
        return name.ends_with(last);
    }
    let below =
        name.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    let glob = name.strip_suffix('*').is_some_and(|above| pattern.starts_with(above));
    below || glob
}

/// Every source file whose path from the root starts with `within`, with its text.
fn sources(within: &str) -> io::Result<Vec<(String, String)>> {
    let root = workspace();
    let mut folders: Vec<PathBuf> = CRATES
        .iter()
        .map(|(folder, _)| root.join(folder).join("src"))
        .filter(|p| p.is_dir())
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            // `mod tests` stands under `#[cfg(test)]` and is no part of the room, in files as in line.
            let of_tests = name.ends_with("/tests.rs") || name.ends_with("/tests");
            if path.is_dir() && !of_tests {
                folders.push(path);
            } else if name.ends_with(".rs") && !of_tests && name.starts_with(within) {
                found.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The checks above must be able to fail.
mod the_checks {
    use super::*;

    #[test]
    fn see_every_forbidden_name_however_it_is_written() {
        for rule in RULES {
            let file = format!("{}/new.rs", rule.within.trim_end_matches('/'));
            for pattern in rule.forbidden {
                for bad in ways_to_write(pattern) {
                    let seen = breaches(rule, &file, &bad);
                    assert!(!seen.is_empty(), "{pattern} in {file}: {bad}: {seen:?}");
                }
            }
            for exempt in rule.except {
                let bad: String = rule.forbidden.iter().flat_map(|p| ways_to_write(p)).collect();
                let file = if exempt.ends_with('/') {
                    format!("{exempt}new.rs")
                } else {
                    (*exempt).to_owned()
                };
                assert_eq!(breaches(rule, &file, &bad), [""; 0], "{exempt} is exempt");
            }
        }
    }

    fn ways_to_write(pattern: &str) -> Vec<String> {
        if pattern.ends_with('!') {
            return vec![format!("fn f() {{ {pattern}(\"x\") }}")];
        }
        if let Some(last) = pattern.strip_prefix('*') {
            return vec![format!("fn f() {{ Listener{last}(address) }}")];
        }
        let mut ways = vec![
            format!("use {pattern};"),
            format!("use {pattern} as renamed;"),
            format!("fn f() {{ let it = ::{pattern}::new; }}"),
        ];
        if let Some((above, last)) = pattern.rsplit_once("::") {
            ways.push(format!("use {above}::{{something, {last}::{{self as it}}}};"));
            ways.push(format!("use {above}::*;"));
            let (_, alias) = above.rsplit_once("::").unwrap_or(("", above));
            if alias != above {
                ways.push(format!("use {above};\nfn f() {{ {alias}::{last}() }}"));
            }
        }
        ways
    }

    #[test]
    fn see_a_room_that_names_what_it_must_not() {
        let seen = |file: &str, text: &str| room_arrows(&format!("harness/src/{file}"), text).len();
        assert_eq!(seen("runner/plan.rs", "use crate::cli::Args;"), 1);
        assert_eq!(seen("builtin/mod.rs", "use crate::{verifier::Verifier, runner};"), 1);
        assert_eq!(seen("adapter/serve.rs", "fn f() { super::super::runner::go() }"), 1);
        assert_eq!(seen("verifier.rs", "use super::adapter;"), 1);
        assert_eq!(
            seen("runner/plan.rs", "use crate::{runner::execute, adapter, verifier::*};"),
            0
        );
        assert_eq!(seen("runner/plan.rs", "use super::execute;"), 0);
        assert_eq!(seen("cellar/wine.rs", ""), 1, "a room that is in no table");
        assert_eq!(seen("lib.rs", "use crate::cli;"), 0);
    }

    #[test]
    fn see_a_crate_that_depends_on_what_it_must_not() {
        let root = Path::new("/w");
        let package = |folder: &str, on: &str| {
            serde_json::json!({
                "name": folder,
                "manifest_path": format!("/w/{folder}/Cargo.toml"),
                "dependencies": [{"name": "serde"}, {"path": format!("/w/{on}"), "kind": "dev"}],
            })
        };
        assert_eq!(broken_by(&package("reports", "vectors"), root), [""; 0]);
        assert_eq!(broken_by(&package("vectors", "harness"), root).len(), 1);
        assert_eq!(broken_by(&package("harness", "benches"), root).len(), 1);
        assert_eq!(broken_by(&package("harness", "fuzz"), root).len(), 1);
        assert_eq!(broken_by(&package("cellar", "vectors"), root).len(), 1);
    }
}
