//! The record itself, as one JSON document (`schemas/record.schema.json`).

use std::io::{self, Write};

use crate::{record::Record, writer::Writer};

pub(crate) const WRITER: Writer = Writer {
    name: "json",
    file_name: "record.json",
    purpose: "the record: everything, for programs and for `gauntlet report`",
    write,
};

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, record)?;
    to.write_all(b"\n")
}
