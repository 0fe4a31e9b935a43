//! The formats that a record is written in. To add one: one file, and one line in [`WRITERS`].

use std::io::{self, Write};

use crate::{badge, html, intoto, json, jsonl, junit, markdown, oscal, record::Record, sarif};

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file it is written to in the output folder.
    pub file_name: &'static str,
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// Writes the whole record; the bytes depend on the record alone.
    pub write: fn(&Record, &mut dyn Write) -> io::Result<()>,
}

/// Every format, in the order in which they are told.
pub const WRITERS: &[Writer] = &[
    json::WRITER,
    jsonl::WRITER,
    html::WRITER,
    junit::WRITER,
    sarif::WRITER,
    oscal::WRITER,
    markdown::WRITER,
    intoto::WRITER,
    badge::WRITER,
];

impl Writer {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        WRITERS.iter().find(|writer| writer.name == name)
    }
}
