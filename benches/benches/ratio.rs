//! The built-in verifiers beside the bare cryptography, as one table.
//!
//! The contestants take turns in short batches of one run, so that whatever slows the machine slows
//! them alike, and each figure is a median over the turns. `overhead` is the median of the differences
//! within a turn; `undisturbed` is the difference between the tenths that were left in peace, which is
//! what a neighbour on the same core inflates.

use std::{hint::black_box, time::Duration};

use gauntlet_benches::{Bout, Verify, bouts, thread_cpu_time};

/// How many times each contestant has its turn.
const TURNS: usize = 1_001;
/// How long a turn takes, at least.
const TURN: Duration = Duration::from_micros(300);

#[expect(clippy::print_stdout, reason = "the table is what this bench is for")]
fn main() {
    println!(
        "| alg | raw µs | reference µs | overhead µs | undisturbed µs | jsonwebtoken µs | reference / jsonwebtoken |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for bout in bouts() {
        let Figures { raw, reference, overhead, undisturbed, jsonwebtoken } = measure(&bout);
        let (theirs, ratio) = match jsonwebtoken {
            Some(theirs) => (format!("{theirs:.2}"), format!("{:.2}", reference / theirs)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        println!(
            "| {} | {raw:.2} | {reference:.2} | {overhead:.2} | {undisturbed:.2} | {theirs} | {ratio} |",
            bout.alg
        );
    }
}

/// Microseconds for one verification.
struct Figures {
    raw: f64,
    reference: f64,
    overhead: f64,
    undisturbed: f64,
    jsonwebtoken: Option<f64>,
}

fn measure(bout: &Bout) -> Figures {
    let length = batch_length(&bout.raw);
    let (mut raw, mut reference, mut overhead, mut theirs) = (vec![], vec![], vec![], vec![]);
    for turn in 0..TURNS {
        // Who comes second meets another machine than who comes first: they change places.
        let (bare, ours);
        if turn % 2 == 0 {
            bare = batch(&bout.raw, length);
            ours = batch(&bout.reference, length);
        } else {
            ours = batch(&bout.reference, length);
            bare = batch(&bout.raw, length);
        }
        raw.push(bare);
        reference.push(ours);
        overhead.push(ours - bare);
        if let Some(verify) = &bout.jsonwebtoken {
            theirs.push(batch(verify, length));
        }
    }
    Figures {
        undisturbed: tenth(&mut reference) - tenth(&mut raw),
        raw: median(&mut raw),
        reference: median(&mut reference),
        overhead: median(&mut overhead),
        jsonwebtoken: bout.jsonwebtoken.is_some().then(|| median(&mut theirs)),
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
    for index in 0..length as usize {
        black_box(verify(index));
    }
    thread_cpu_time().saturating_sub(start).as_secs_f64() * 1e6 / f64::from(length)
}

fn median(figures: &mut [f64]) -> f64 {
    at(figures, figures.len() / 2)
}

fn tenth(figures: &mut [f64]) -> f64 {
    at(figures, figures.len() / 10)
}

fn at(figures: &mut [f64], rank: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(rank).copied().unwrap_or(f64::NAN)
}
