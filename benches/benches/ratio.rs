//! The built-in verifiers beside the bare cryptography, as one table.
//!
//! The contestants take turns in short batches of one run, so that whatever slows the machine slows
//! them alike; each figure is a median over the turns. `overhead` is the median of the differences
//! within a turn.

use std::{hint::black_box, time::Duration};

use gauntlet_benches::{Bout, Verify, bouts, thread_cpu_time};

/// How many times each contestant has its turn.
const TURNS: usize = 301;
/// How long a turn takes, about.
const TURN: Duration = Duration::from_micros(1_500);

#[expect(clippy::print_stdout, reason = "the table is what this bench is for")]
fn main() {
    println!(
        "| alg | raw µs | reference µs | overhead µs | jsonwebtoken µs | reference / jsonwebtoken |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for bout in bouts() {
        let Figures { raw, reference, overhead, jsonwebtoken } = measure(&bout);
        let (theirs, ratio) = match jsonwebtoken {
            Some(theirs) => (format!("{theirs:.2}"), format!("{:.2}", reference / theirs)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        println!(
            "| {} | {raw:.2} | {reference:.2} | {overhead:.2} | {theirs} | {ratio} |",
            bout.alg
        );
    }
}

/// Microseconds for one verification.
struct Figures {
    raw: f64,
    reference: f64,
    overhead: f64,
    jsonwebtoken: Option<f64>,
}

fn measure(bout: &Bout) -> Figures {
    let length = batch_length(&bout.raw);
    let (mut raw, mut reference, mut overhead, mut theirs) = (vec![], vec![], vec![], vec![]);
    for _ in 0..TURNS {
        let bare = batch(&bout.raw, length);
        let ours = batch(&bout.reference, length);
        raw.push(bare);
        reference.push(ours);
        overhead.push(ours - bare);
        if let Some(verify) = &bout.jsonwebtoken {
            theirs.push(batch(verify, length));
        }
    }
    Figures {
        raw: median(raw),
        reference: median(reference),
        overhead: median(overhead),
        jsonwebtoken: bout.jsonwebtoken.is_some().then(|| median(theirs)),
    }
}

/// How many verifications fill a turn.
fn batch_length(verify: &Verify) -> u32 {
    let mut length = 1;
    while batch(verify, length) * f64::from(length) < TURN.as_secs_f64() * 1e6 {
        length *= 2;
    }
    length
}

/// Microseconds for one verification, over a batch of so many.
fn batch(verify: &Verify, length: u32) -> f64 {
    let start = thread_cpu_time();
    for _ in 0..length {
        black_box(verify());
    }
    thread_cpu_time().saturating_sub(start).as_secs_f64() * 1e6 / f64::from(length)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
