//! The published schemas are those that the types derive.
//!
//! `UPDATE_GENERATED=1 cargo test` writes them anew.

use std::{env, fs, path::Path};

use gauntlet_reports::{Event, Record};

#[test]
fn published_schemas_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, schema) in [
        ("record.schema.json", schemars::schema_for!(Record)),
        ("journal.schema.json", schemars::schema_for!(Event)),
    ] {
        let derived = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder.join(name);
        if env::var_os("UPDATE_GENERATED").is_some() {
            fs::write(&path, &derived).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == derived,
            "{name} is stale; write it anew with UPDATE_GENERATED=1 cargo test"
        );
    }
}
