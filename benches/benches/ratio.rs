//! The built-in verifiers beside the bare cryptography, as one table.
//!
//! The contestants take turns in short batches of one run, so that whatever slows the machine slows
//! them alike, and each figure is a median over the turns. `overhead` is the median of the differences
//! within a turn; `undisturbed` is the difference between the tenths that were left in peace, which is
//! what a neighbour on the same core inflates. Keys are made anew several times: where a key happens
//! to lie in memory can cost as much as all that is measured here.

use std::{hint::black_box, time::Duration};

use gauntlet_benches::{Bout, Verify, bouts, thread_cpu_time};

/// How many times all keys and tokens are made.
const SETUPS: usize = 9;
/// How many turns each contestant has with each of them.
const TURNS: usize = 401;
/// How long a turn takes, at least.
const TURN: Duration = Duration::from_micros(100);

#[expect(clippy::print_stdout, reason = "the table is what this bench is for")]
fn main() {
    let mut all: Vec<Figures> = Vec::new();
    for _ in 0..SETUPS {
        for bout in bouts() {
            match all.iter_mut().find(|figures| figures.alg == bout.alg) {
                Some(figures) => figures.measure(&bout),
                None => {
                    let mut figures = Figures { alg: bout.alg, ..Figures::default() };
                    figures.measure(&bout);
                    all.push(figures);
                }
            }
        }
    }
    println!(
        "| alg | raw µs | reference µs | overhead µs | undisturbed µs | jsonwebtoken µs | reference / jsonwebtoken |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for mut figures in all {
        println!("{}", figures.row());
    }
}

/// Microseconds for one verification, turn by turn.
#[derive(Default)]
struct Figures {
    alg: &'static str,
    raw: Vec<f64>,
    reference: Vec<f64>,
    overhead: Vec<f64>,
    jsonwebtoken: Vec<f64>,
}

impl Figures {
    fn measure(&mut self, bout: &Bout) {
        let length = batch_length(&bout.raw);
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
            self.raw.push(bare);
            self.reference.push(ours);
            self.overhead.push(ours - bare);
            if let Some(verify) = &bout.jsonwebtoken {
                self.jsonwebtoken.push(batch(verify, length));
            }
        }
    }

    fn row(&mut self) -> String {
        let undisturbed = tenth(&mut self.reference) - tenth(&mut self.raw);
        let (raw, reference) = (median(&mut self.raw), median(&mut self.reference));
        let (theirs, ratio) = if self.jsonwebtoken.is_empty() {
            ("–".to_owned(), "–".to_owned())
        } else {
            let theirs = median(&mut self.jsonwebtoken);
            (format!("{theirs:.2}"), format!("{:.2}", reference / theirs))
        };
        format!(
            "| {} | {raw:.2} | {reference:.2} | {:.2} | {undisturbed:.2} | {theirs} | {ratio} |",
            self.alg,
            median(&mut self.overhead)
        )
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
