//! The formats that a record is written in. To add one: one file, and one line in [`WRITERS`].

use std::io::{self, Write};

use crate::record::Record;

/// A format.
pub struct Writer {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file it is written to in the output folder.
    pub file_name: &'static str,
    /// Writes the whole record; the bytes depend on the record alone.
    pub write: fn(&Record, &mut dyn Write) -> io::Result<()>,
}

/// Every format.
pub const WRITERS: &[Writer] =
    &[Writer { name: "json", file_name: "record.json", write: write_json }];

fn write_json(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, record)?;
    to.write_all(b"\n")
}
