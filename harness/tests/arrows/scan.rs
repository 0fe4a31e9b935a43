//! What a source text names: a scanner of words, not a compiler.
//!
//! It leaves out comments, literals and items under `#[cfg(test)]`, resolves `use` with its groups,
//! renamings and globs, and makes `self` and `super` absolute. Where it cannot know, it sees too much
//! rather than too little: an import counts for the whole file, and macro bodies are read as code.

use std::collections::BTreeMap;

/// A path or a macro that a source names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The line, from 1.
    pub(crate) line: usize,
    /// An absolute path such as `std::fs::File`, or a macro such as `println!`.
    pub(crate) name: String,
}

/// What the file at `path` (below `src/`) names; each name once a line.
pub(crate) fn mentions(path: &str, text: &str) -> Vec<Mention> {
    let tokens = without_tests(tokens(text));
    let mut reader = Reader::new(&tokens, module_of(path));
    reader.read();
    let mut found: Vec<Mention> = Vec::new();
    for written in &reader.written {
        let name = absolute(&written.segments, &reader.imports).join("::");
        let mention = Mention { line: written.line, name };
        if !found.contains(&mention) {
            found.push(mention);
        }
    }
    found
}

/// A word, `::`, or any other single character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'a> {
    line: usize,
    text: &'a str,
}

impl Token<'_> {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, token) = if let Some(length) = comment_or_literal(rest) {
            (length, false)
        } else if is_word(first) {
            (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true)
        } else if rest.starts_with("::") {
            (2, true)
        } else {
            (first.len_utf8(), !first.is_whitespace())
        };
        let (taken, left) = rest.split_at(length);
        if token {
            tokens.push(Token { line, text: taken });
        }
        line += taken.matches('\n').count();
        rest = left;
    }
    tokens
}

/// The length of what stands at the front and is no code, if it is no code.
fn comment_or_literal(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('\'') || rest.starts_with("b'") {
        return Some(character_or_lifetime(rest));
    }
    // `r#name` is a name: only its mark is skipped.
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix));
    if let Some((prefix, marked)) = prefix.and_then(|p| Some((p, rest.strip_prefix(p)?))) {
        let content = marked.trim_start_matches('#');
        let hashes = marked.len() - content.len();
        if let Some(content) = content.strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = content.find(&end).map_or(content.len(), |at| at + end.len());
            return Some(prefix.len() + hashes + 1 + length);
        }
        if hashes == 1 {
            return Some(prefix.len() + 1);
        }
    }
    let opening = ["\"", "b\"", "c\""].into_iter().find(|opening| rest.starts_with(opening))?;
    Some(opening.len() + up_to_unescaped('"', rest.strip_prefix(opening)?))
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let left = rest.get(at..).unwrap_or_default();
        let Some(next) = left.find(['/', '*']) else { return rest.len() };
        let left = left.get(next..).unwrap_or_default();
        let (step, now) = if left.starts_with("/*") {
            (2, depth + 1)
        } else if left.starts_with("*/") {
            (2, depth.saturating_sub(1))
        } else {
            (1, depth)
        };
        (at, depth) = (at + next + step, now);
        if step == 2 && depth == 0 {
            return at;
        }
    }
}

fn character_or_lifetime(rest: &str) -> usize {
    let quote = rest.find('\'').unwrap_or(0) + 1;
    let content = rest.get(quote..).unwrap_or_default();
    let mut chars = content.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quote + up_to_unescaped('\'', content),
        (Some(one), Some('\'')) => quote + one.len_utf8() + 1,
        _ => quote + content.find(|c| !is_word(c)).unwrap_or(content.len()),
    }
}

fn up_to_unescaped(end: char, content: &str) -> usize {
    let mut escaped = false;
    for (at, c) in content.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end => return at + c.len_utf8(),
            _ => {}
        }
    }
    content.len()
}

/// Drops every item that stands under `#[cfg(test)]`, up to its `;` or its closing brace.
fn without_tests(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let window = tokens.get(at..at + MARK.len()).unwrap_or_default();
        if !window.iter().map(|token| token.text).eq(MARK) {
            kept.push(*token);
            at += 1;
            continue;
        }
        at += MARK.len();
        let mut depth = 0_i32;
        while let Some(token) = tokens.get(at) {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            // The brace of an enclosing item ends it too, and is not ours to drop.
            if depth < 0 {
                break;
            }
            at += 1;
            if depth == 0 && matches!(token.text, ";" | "}") {
                break;
            }
        }
    }
    kept
}

fn module_of(path: &str) -> Vec<String> {
    let parts = path.trim_end_matches(".rs").split('/');
    let parts = parts.filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    ["crate"].into_iter().chain(parts).map(str::to_owned).collect()
}

/// A path as it is written, with `crate`, `self` and `super` resolved.
struct Written {
    line: usize,
    segments: Vec<String>,
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    /// The module that is being read, and the depth of braces at which each inline one ends.
    module: Vec<String>,
    inline: Vec<usize>,
    depth: usize,
    written: Vec<Written>,
    /// What a name in this file stands for.
    imports: BTreeMap<String, Vec<String>>,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token<'a>], module: Vec<String>) -> Self {
        let (written, imports) = (Vec::new(), BTreeMap::new());
        Self { tokens, at: 0, module, inline: Vec::new(), depth: 0, written, imports }
    }

    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    fn read(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.text {
                // `impl Trait + use<'a>` captures a lifetime and imports nothing.
                "use" if self.text(1) != "<" => {
                    self.at += 1;
                    self.use_tree(Vec::new());
                }
                "mod" => self.module_opens(),
                "{" => (self.depth, self.at) = (self.depth + 1, self.at + 1),
                "}" => self.brace_closes(),
                _ if token.is_word() => self.path(),
                _ => self.at += 1,
            }
        }
    }

    fn module_opens(&mut self) {
        let name = self.text(1).to_owned();
        let path = self.module.iter().cloned().chain([name.clone()]).collect();
        self.imports.insert(name.clone(), path);
        if self.text(2) == "{" {
            self.inline.push(self.depth);
            self.module.push(name);
        }
        self.at += 2;
    }

    fn brace_closes(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inline.last() == Some(&self.depth) {
            self.inline.pop();
            self.module.pop();
        }
        self.at += 1;
    }

    /// Reads one branch of a `use`, which stands behind `prefix`.
    fn use_tree(&mut self, mut prefix: Vec<String>) {
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.text {
                "::" => {}
                "{" => {
                    while !matches!(self.text(0), "}" | "") {
                        self.use_tree(prefix.clone());
                        self.at += usize::from(self.text(0) == ",");
                    }
                    self.at += 1;
                    return;
                }
                "self" if !prefix.is_empty() => return self.imported(token.line, prefix),
                text => {
                    prefix.push(text.to_owned());
                    if self.text(0) != "::" {
                        return self.imported(token.line, prefix);
                    }
                }
            }
        }
    }

    fn imported(&mut self, line: usize, segments: Vec<String>) {
        let segments = self.resolved(segments);
        let mut name = segments.last().cloned().unwrap_or_default();
        if self.text(0) == "as" {
            self.text(1).clone_into(&mut name);
            self.at += 2;
        }
        self.imports.insert(name, segments.clone());
        self.written.push(Written { line, segments });
    }

    /// Reads a path or a macro in code. A lone word is a path only in the eyes of a compiler.
    fn path(&mut self) {
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        let of_a_value = self.at > 0 && self.tokens.get(self.at - 1).is_some_and(|t| t.text == ".");
        let mut segments = vec![self.text(0).to_owned()];
        while self.text(1) == "::" && self.tokens.get(self.at + 2).is_some_and(Token::is_word) {
            segments.push(self.text(2).to_owned());
            self.at += 2;
        }
        self.at += 1;
        if self.text(0) == "!" && self.text(1) != "=" {
            let name = segments.last().map(|last| format!("{last}!"));
            self.written.push(Written { line, segments: name.into_iter().collect() });
        }
        if segments.len() > 1 && !of_a_value {
            let segments = self.resolved(segments);
            self.written.push(Written { line, segments });
        }
    }

    fn resolved(&self, segments: Vec<String>) -> Vec<String> {
        let mut base = self.module.clone();
        let mut rest = segments.iter().map(String::as_str).peekable();
        match rest.peek() {
            Some(&("self" | "super")) => {}
            _ => return segments,
        }
        while let Some(step) = rest.next_if(|step| matches!(*step, "self" | "super")) {
            if step == "super" && base.len() > 1 {
                base.pop();
            }
        }
        base.into_iter().chain(rest.map(str::to_owned)).collect()
    }
}

/// The path with its first name replaced by what was imported under it.
fn absolute(segments: &[String], imports: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    // An import may itself start with an imported name; deeper than this nobody writes.
    const CHAIN: usize = 4;
    let mut segments = segments.to_vec();
    for _ in 0..CHAIN {
        let Some((first, rest)) = segments.split_first() else { break };
        match imports.get(first) {
            Some(stands_for) if stands_for.first() != Some(first) => {
                segments = stands_for.iter().chain(rest).cloned().collect();
            }
            Some(_) | None => break,
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        mentions(path, text).into_iter().map(|mention| mention.name).collect()
    }

    #[test]
    fn reads_groups_renamings_globs_and_lines() {
        let text = "use std::{\n    fs::{self as files, File},\n    net::*,\n};\nuse crate::cli;\n";
        let found: Vec<_> = mentions("x.rs", text).into_iter().map(|m| (m.line, m.name)).collect();
        let expected =
            [(2, "std::fs"), (2, "std::fs::File"), (3, "std::net::*"), (5, "crate::cli")];
        assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
    }

    #[test]
    fn follows_imports_and_relative_paths() {
        let text =
            "use std::process as p; use p::Command as Run; fn f() { Run::new(); self::a::b() }";
        let expected = [
            "std::process",
            "std::process::Command",
            "std::process::Command::new",
            "crate::runner::plan::a::b",
        ];
        assert_eq!(names("runner/plan.rs", text), expected);
        assert_eq!(names("runner/mod.rs", "use super::cli::Args;"), ["crate::cli::Args"]);
        let inline = "mod inner { use super::super::cli; } use super::builtin;";
        assert_eq!(names("runner/mod.rs", inline), ["crate::cli", "crate::builtin"]);
        assert_eq!(names("a.rs", "mod hmac; fn f() { hmac::check() }"), ["crate::a::hmac::check"]);
    }

    #[test]
    fn sees_macros_and_what_stands_in_them() {
        let text = "fn f() { assert!(std::fs::read(p).is_ok()); if a != b { std::println!() } }";
        assert_eq!(names("x.rs", text), ["assert!", "std::fs::read", "println!", "std::println"]);
    }

    #[test]
    fn leaves_out_comments_literals_and_lifetimes() {
        let text = r##"
            // use std::fs;
            /* use std::fs; /* nested */ use std::net; */
            /// `std::env::var`
            const A: &str = "std::fs::read \" std::net::x";
            const B: &str = r#"std::fs::read " std::net"#;
            const C: &[u8] = b"std::fs::read"; const D: char = '"'; const E: u8 = b'\'';
            fn f<'std>(x: &'std str) -> r#fn::seen { let q = '\u{41}'; }
        "##;
        assert_eq!(names("x.rs", text), ["fn::seen"]);
    }

    #[test]
    fn leaves_out_what_is_there_for_tests_only_and_nothing_behind_it() {
        let text = "use a::b;\n#[cfg(test)]\nuse std::fs::{self, File};\n#[cfg(test)]\n#[expect(x)]\n\
                    mod tests {\n use std::net; fn f() { if true { std::env::args() } }\n}\nuse c::d;\n\
                    #[cfg(not(test))]\nuse e::f;";
        assert_eq!(names("x.rs", text), ["a::b", "c::d", "e::f"]);
    }

    #[test]
    fn takes_methods_and_captures_for_what_they_are() {
        let text = "fn f() -> impl Fn() + use<> { x.bind(1); y.bind::<u8>(); z != w }";
        assert_eq!(names("x.rs", text), [""; 0]);
    }
}
