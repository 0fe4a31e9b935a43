//! Reports on disk: a record in each of the formats asked for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use gauntlet_reports::{Record, Writer};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write `{path}`: choose another folder with --out")]
pub struct WriteError {
    /// The file.
    pub path: String,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

/// Writes the record in these formats into a folder that is there, and says where.
///
/// Each file is written beside and moved: whoever waits for it never sees half of it.
///
/// # Errors
/// [`WriteError`], for the first file that cannot be written; those before it stay.
pub fn write_all(
    record: &Record,
    formats: &[&'static Writer],
    folder: &Path,
) -> Result<Vec<PathBuf>, WriteError> {
    let mut written = Vec::with_capacity(formats.len());
    for writer in formats {
        let path = folder.join(writer.file_name);
        let failed = |cause| WriteError { path: path.display().to_string(), cause };
        let beside = folder.join(format!("{}.part", writer.file_name));
        let mut bytes = Vec::new();
        (writer.write)(record, &mut bytes).map_err(failed)?;
        fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &path)).map_err(failed)?;
        written.push(path);
    }
    Ok(written)
}
