//! A badge for a README, as Shields' endpoint schema has it: counts and a date, and no grade.

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    finding::{Standing, findings},
    record::{OutcomeName, Record},
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "badge",
    file_name: "badge.json",
    purpose: "counts and date for a badge (Shields endpoint)",
    write,
};

/// The endpoint's answer, schema version 1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
}

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &Badge::of(record))?;
    to.write_all(b"\n")
}

impl Badge {
    fn of(record: &Record) -> Self {
        let all = findings(record);
        let must = all.iter().filter(|finding| finding.standing == Standing::Must).count();
        let others = all.len() - must;
        let asked =
            record.results.iter().filter(|result| result.outcome != OutcomeName::Skip).count();
        let mut parts = vec![format!("{asked} asked"), format!("{must} MUST not met")];
        if others > 0 {
            parts.push(format!("{others} other findings"));
        }
        if record.is_partial() {
            parts.push("partial".to_owned());
        }
        parts.extend(date(&record.started).map(str::to_owned));
        // Red and orange tell that something was found; nothing tells that all is well, and so nothing is green.
        let color = match (must, others) {
            (1.., _) => "red",
            (0, 1..) => "orange",
            (0, 0) => "blue",
        };
        Self { schema_version: 1, label: "gauntlet", message: parts.join(", "), color }
    }
}

/// The day of a time in RFC 3339, where it is one.
fn date(time: &str) -> Option<&str> {
    let day = time.get(..10)?;
    let is_day = day.bytes().enumerate().all(|(at, octet)| match at {
        4 | 7 => octet == b'-',
        _ => octet.is_ascii_digit(),
    });
    is_day.then_some(day)
}
