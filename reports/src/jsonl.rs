//! The record line by line, for what reads a stream: a journal (`schemas/journal.schema.json`) in the record's order,
//! without the lines that say only that a case is about to be asked.

use std::io::{self, Write};

use crate::{record::Record, writer::Writer};

pub(crate) const WRITER: Writer = Writer {
    name: "jsonl",
    file_name: "results.jsonl",
    purpose: "the record as JSON Lines: one event a line, for log pipelines",
    write,
};

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    for event in record.events() {
        serde_json::to_writer(&mut *to, &event)?;
        to.write_all(b"\n")?;
    }
    Ok(())
}
