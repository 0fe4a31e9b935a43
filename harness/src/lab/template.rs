//! Templates for adapters: the adapter of a library that people know, with a page on what to do with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Library, libraries, manifest::Manifest};

/// A language that there is a template for, and the adapter that it is made of.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The language's word on the command line.
    pub language: &'static str,
    /// The adapter's name.
    pub of: &'static str,
}

/// Every template.
pub const TEMPLATES: &[Template] = &[
    Template { language: "python", of: "pyjwt" },
    Template { language: "node", of: "jose" },
    Template { language: "go", of: "golang-jwt" },
    Template { language: "ruby", of: "ruby-jwt" },
    Template { language: "perl", of: "crypt-jwt" },
    Template { language: "java", of: "google-oauth-client" },
    Template { language: "rust", of: "josekit" },
    Template { language: "c", of: "librhonabwy" },
    Template { language: "shell", of: "jose-cli" },
];

/// Why a template was not written.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is something already.
    #[error("write a template into `{path}`: it is there and not empty; name a new folder")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// The folder cannot be written.
    #[error("write `{path}`")]
    Write {
        /// The file or folder.
        path: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// There is no adapter to make it of.
    #[error("find the adapter `{of}`, of which this template is made")]
    Missing {
        /// The adapter's name.
        of: &'static str,
    },
}

impl Template {
    /// Writes the template into a new folder, and returns its files.
    ///
    /// # Errors
    /// [`TemplateError`]; nothing that was there is changed.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>, TemplateError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |cause| TemplateError::Write { path, cause }
        };
        let library = self.library()?;
        if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(TemplateError::NotEmpty { path: dir.display().to_string() });
        }
        fs::create_dir_all(dir).map_err(failed(dir))?;
        let mut written = Vec::new();
        let own = |name: &str| {
            !["confirm/", "src/bin/"].iter().any(|folder| name.starts_with(folder))
                && name != "causes.toml"
        };
        for (name, octets) in library.files().into_iter().filter(|(name, _)| own(name)) {
            let name = name.strip_suffix(".in").unwrap_or(&name).to_owned();
            let octets = String::from_utf8_lossy(octets)
                .replace("{version}", library.manifest.version.as_str())
                .into_bytes();
            // The manifest keeps its placeholder: that is where a version is named.
            let octets = if name == "manifest.toml" {
                library
                    .folder
                    .files()
                    .find(|file| file.path().ends_with(&name))
                    .map_or(octets, |file| file.contents().to_vec())
            } else {
                octets
            };
            let path = dir.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(failed(folder))?;
            }
            fs::write(&path, octets).map_err(failed(&path))?;
            written.push(path);
        }
        let path = dir.join("README.md");
        fs::write(&path, self.page(&library.manifest)).map_err(failed(&path))?;
        written.push(path);
        Ok(written)
    }

    fn library(&self) -> Result<&'static Library, TemplateError> {
        let all = libraries().unwrap_or_default();
        all.iter()
            .find(|library| library.manifest.name == self.of)
            .ok_or(TemplateError::Missing { of: self.of })
    }

    fn page(&self, manifest: &Manifest) -> String {
        let variables = &manifest.install.env;
        let mut start: Vec<String> =
            variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !start.is_empty() {
            start.insert(0, "env".to_owned());
        }
        start.extend(manifest.start.iter().map(|word| word.replace("{dir}/", "./")));
        let start = start.join(" ");
        let steps = super::commands::steps(manifest, &manifest.version);
        let steps: String =
            steps.iter().map(|step| format!("    {}\n", step.replace("{dir}", "."))).collect();
        format!(
            "# An adapter\n\n\
             This is the adapter for {library}: it reads requests from standard input, hands them to the library, and \
             answers on standard output, one JSON object a line. Put your library in its place, keep the lines as they \
             are, and name in `hello` what yours can.\n\n\
             Install what it needs, in this folder:\n\n{steps}\n\
             Ask whether it is right, and then what the library is worth:\n\n    \
             gauntlet doctor --verifier 'cmd:{start}'\n    \
             gauntlet run --verifier 'cmd:{start}'\n",
            library = manifest.library,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_written_once_and_into_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("new");
        let template = TEMPLATES.iter().find(|template| template.language == "node").unwrap();
        let written = template.write(&dir).unwrap();
        assert!(written.iter().any(|path| path.ends_with("README.md")), "{written:?}");
        assert!(!dir.join("confirm").exists());
        let page = fs::read_to_string(dir.join("README.md")).unwrap();
        assert!(page.contains("npm install") && page.contains("gauntlet doctor"), "{page}");
        assert!(matches!(template.write(&dir), Err(TemplateError::NotEmpty { .. })));
    }

    #[test]
    fn every_template_has_its_adapter() {
        for template in TEMPLATES {
            assert!(template.library().is_ok(), "{}", template.language);
        }
    }
}
