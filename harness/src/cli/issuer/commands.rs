//! The commands that are typed, or piped in: one line each.

use std::fmt::Write;

use anyhow::{Context, anyhow, bail};

use super::{
    super::columns::Columns,
    faults,
    forgeries::FORGERIES,
    nearest, paste,
    session::Session,
    watch,
    words::{assignments, first_word, quoted},
};
use crate::adapter::text::printable_to;

/// So many requests `requests` shows unless it is told otherwise.
const SHOWN: usize = 20;
/// How much of what was typed stands in a line of ours, in octets.
const TOLD: usize = 400;
/// The most of a document that `show` shows, in octets.
const DOCUMENT: usize = 1 << 20;

/// What comes of a command.
#[derive(Debug)]
pub(super) enum Reply {
    /// To be printed.
    Say(String),
    /// The session is over.
    Quit,
}

struct Command {
    name: &'static str,
    behind: &'static str,
    what: &'static str,
    /// What `help NAME` says beside.
    more: fn() -> String,
    run: fn(&mut Session<'_>, &str) -> anyhow::Result<String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "show",
        behind: "[jwks|metadata]",
        what: "what is served and broken now, or a document as it is served",
        more: String::new,
        run: show,
    },
    Command {
        name: "paste",
        behind: "[env|spring|envoy|oauth2-proxy|kubernetes]",
        what: "what to put into a service's configuration",
        more: String::new,
        run: paste,
    },
    Command {
        name: "mint",
        behind: "[NAME=VALUE…] [key=K] [kid=K|none] [alg=A] [exp=+3600|-60|none] \
                 [header.NAME=VALUE] [without=NAME] [forge=HOW]",
        what: "a token",
        more: of_mint,
        run: |session, rest| session.mint(rest),
    },
    Command {
        name: "curl",
        behind: "[URL]",
        what: "a line for a shell that shows the last token to a service",
        more: String::new,
        run: |session, rest| session.curl(rest),
    },
    Command {
        name: "publish",
        behind: "KEY[=KID]…",
        what: "serves these test keys and no others; `KEY=` has no kid",
        more: of_keys,
        run: |session, rest| session.serve_named(rest),
    },
    Command {
        name: "rotate",
        behind: "[ALG]",
        what: "serves a new key in front of the others, and signs with it",
        more: String::new,
        run: |session, rest| session.rotate(rest),
    },
    Command {
        name: "retire",
        behind: "[ALG]",
        what: "takes away all keys but the newest",
        more: String::new,
        run: |session, rest| session.retire(rest),
    },
    Command {
        name: "revoke",
        behind: "KEY",
        what: "takes away one key, by its kid or its name",
        more: String::new,
        run: revoke,
    },
    Command {
        name: "empty",
        behind: "",
        what: "serves a set without keys",
        more: String::new,
        run: empty,
    },
    Command {
        name: "headers",
        behind: "[NAME: VALUE | NAME: | none]",
        what: "sets, or takes away, a header field of the key set's responses",
        more: of_headers,
        run: headers,
    },
    Command {
        name: "metadata",
        behind: "[NAME=VALUE… | without=NAME… | reset]",
        what: "sets, or takes away, members of the metadata",
        more: String::new,
        run: metadata,
    },
    Command {
        name: "break",
        behind: "FAULT [at metadata] [after N] [times N] | list",
        what: "goes wrong from now on",
        more: faults::list,
        run: break_by,
    },
    Command { name: "mend", behind: "", what: "goes wrong no more", more: String::new, run: mend },
    Command {
        name: "requests",
        behind: "[N]",
        what: "what came, the last 20 or N",
        more: String::new,
        run: requests,
    },
    Command { name: "clear", behind: "", what: "forgets what came", more: String::new, run: clear },
    Command {
        name: "help",
        behind: "[COMMAND]",
        what: "this, or more on one of them",
        more: String::new,
        run: |_, rest| help(rest),
    },
    Command {
        name: "quit",
        behind: "",
        what: "ends the issuer",
        more: String::new,
        run: |_, rest| nothing(rest).map(|()| String::new()),
    },
];

/// Does what a line says; what is empty or begins with `#` says nothing.
pub(super) fn run(session: &mut Session<'_>, line: &str) -> anyhow::Result<Reply> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Reply::Say(String::new()));
    }
    let (name, rest) = first_word(line);
    let command = find(name)?;
    let said = (command.run)(session, rest.trim())?;
    Ok(if command.name == "quit" { Reply::Quit } else { Reply::Say(said) })
}

fn find(name: &str) -> anyhow::Result<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name).ok_or_else(|| {
        let near = nearest(name, COMMANDS.iter().map(|command| command.name));
        anyhow!("there is no command {}{near}; `help` lists them", quoted(name))
    })
}

fn nothing(rest: &str) -> anyhow::Result<()> {
    if rest.is_empty() {
        Ok(())
    } else {
        bail!("expected nothing behind it, found {}", quoted(rest))
    }
}

fn help(name: &str) -> anyhow::Result<String> {
    let mut help = String::new();
    // A text takes what is written to it.
    if name.is_empty() {
        for command in COMMANDS {
            let usage = format!("{} {}", command.name, command.behind);
            let _ = writeln!(help, "{}\n    {}", usage.trim_end(), command.what);
        }
        help.push_str("`help mint`, `help break` and `help publish` say more; a line that begins with # is a comment\n");
        return Ok(help);
    }
    let command = find(name)?;
    let usage = format!("{} {}", command.name, command.behind);
    let _ = writeln!(help, "{}\n    {}", usage.trim_end(), command.what);
    help.push_str(&(command.more)());
    Ok(help)
}

fn of_mint() -> String {
    let mut text = String::from(
        "  NAME=VALUE   a claim: JSON, a word, or any text in single quotes; now, now+60 and now-60 are times;\n\
         \x20              claim.NAME=VALUE where the name is one of those below\n\
         \x20 key=K        who signs: a kid, or any test key, served or not; the newest that is served if not said\n\
         \x20 alg=A        what it signs with, and what the header says; none for no signature\n\
         \x20 exp=+3600    from now; -60 is a minute ago, none is no exp\n\
         \x20 without=NAME no such claim; without=header.NAME no such header parameter\n\
         \x20 texts may hold {repeat.1000.a} for a thousand letters\n\
         \x20 forge=HOW    a token that must be refused:\n",
    );
    for forgery in FORGERIES {
        let _ = writeln!(text, "    {:<14} {}", forgery.word, forgery.what);
    }
    text
}

fn of_keys() -> String {
    let names = gauntlet_vectors::forge::keys::NAMES;
    let mut text = String::from("  test keys:\n");
    for names in names.chunks(6) {
        let _ = writeln!(text, "    {}", names.join(" "));
    }
    text
}

fn of_headers() -> String {
    "  in a value {etag} stands for a tag of the document: who brings it in If-None-Match is answered 304;\n  \
     {date} stands for now, {date+3600} for in an hour\n"
        .to_owned()
}

fn show(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    let document = |octets: Option<Vec<u8>>| {
        let octets = octets.unwrap_or_default();
        format!("{}\n", printable_to(&String::from_utf8_lossy(&octets), DOCUMENT))
    };
    match rest {
        "" => {}
        "jwks" => return Ok(document(session.published()?.keys)),
        "metadata" => return Ok(document(session.published()?.metadata)),
        other => bail!("expected nothing, `jwks` or `metadata`, found {}", quoted(other)),
    }
    let mut text = paste::summary(session);
    let mut keys = Columns::new(["kid", "test key", "kind", "alg"]);
    for row in session.key_rows() {
        keys.row(row);
    }
    let _ = write!(text, "{keys}");
    for (name, value) in &session.headers {
        let _ = writeln!(text, "header       {}", printable_to(&format!("{name}: {value}"), TOLD));
    }
    for (name, value) in &session.metadata {
        let value = value.as_ref().map_or_else(|| "(taken away)".to_owned(), ToString::to_string);
        let _ = writeln!(text, "metadata     {}", printable_to(&format!("{name} = {value}"), TOLD));
    }
    for rule in &session.rules {
        let _ = writeln!(text, "broken       {}", printable_to(&faults::told(rule), TOLD));
    }
    Ok(text)
}

fn paste(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    let snippets = paste::snippets(session, rest)?;
    Ok(if rest.is_empty() { paste::summary(session) + &snippets } else { snippets })
}

fn revoke(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    if rest.is_empty() {
        bail!("expected a key; {} is served", session.key_names());
    }
    session.revoke(rest)
}

fn empty(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    nothing(rest)?;
    session.serve(Vec::new())?;
    Ok(session.done("serves no key"))
}

fn break_by(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    if rest == "list" {
        return Ok(faults::list());
    }
    let rule = faults::rule(rest)?;
    if faults::needs_tls(&rule.fault) && !session.is_tls {
        bail!("this issuer speaks no TLS: start it with --tls");
    }
    let told = faults::told(&rule);
    session.break_by(rule)?;
    Ok(session.done(&format!("broken: {}", printable_to(&told, TOLD))))
}

fn mend(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    nothing(rest)?;
    session.mend()?;
    Ok(session.done("mended"))
}

fn requests(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    let count = match rest {
        "" => SHOWN,
        number => number
            .parse()
            .ok()
            .with_context(|| format!("expected a whole number, found {}", quoted(number)))?,
    };
    let requests = session.requests();
    if requests.is_empty() {
        return Ok("nothing came yet\n".to_owned());
    }
    let mut table = watch::table(&requests, count);
    if session.is_full() {
        table.push_str(watch::FULL);
    }
    Ok(table)
}

fn clear(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    nothing(rest)?;
    let count = session.forget();
    Ok(session.done(&format!("forgot {count} connections")))
}

fn headers(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    let told = |session: &Session<'_>| match session.headers.as_slice() {
        [] => "no header fields of its own".to_owned(),
        all => {
            let all: Vec<_> = all.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            printable_to(&all.join("; "), TOLD)
        }
    };
    if rest.is_empty() {
        return Ok(format!("{}\n", told(session)));
    }
    let before = session.headers.clone();
    if rest == "none" {
        session.headers.clear();
    } else {
        let Some((name, value)) = rest.split_once(':') else {
            bail!("expected NAME: VALUE, or none, found {}", quoted(rest));
        };
        let (name, value) = (name.trim_end(), value.trim());
        let is_token =
            |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
        if name.is_empty() || !name.bytes().all(is_token) {
            bail!("{} is no name of a header field", quoted(name));
        }
        let framing = ["Content-Length", "Transfer-Encoding", "Connection"];
        if framing.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            bail!("`{name}` is the issuer's own; `break short_length` and others bend it");
        }
        let place = session.headers.iter().position(|(own, _)| own.eq_ignore_ascii_case(name));
        match (place.and_then(|at| session.headers.get_mut(at)), value) {
            (Some(_), "") => session.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name)),
            (None, "") => bail!("there is no header field {} to take away", quoted(name)),
            (Some(field), value) => value.clone_into(&mut field.1),
            (None, value) => session.headers.push((name.to_owned(), value.to_owned())),
        }
    }
    session.publish().inspect_err(|_| session.headers = before)?;
    Ok(session.done(&format!("sends {}", told(session))))
}

fn metadata(session: &mut Session<'_>, rest: &str) -> anyhow::Result<String> {
    if rest.is_empty() {
        return show(session, "metadata");
    }
    let before = session.metadata.clone();
    if rest == "reset" {
        session.metadata.clear();
    } else {
        for (name, given) in assignments(rest)? {
            let change = match name.as_str() {
                "without" => (given.text()?.to_owned(), None),
                _ => (name, Some(given.value(session.now()))),
            };
            session.metadata.retain(|(own, _)| *own != change.0);
            session.metadata.push(change);
        }
    }
    session.publish().inspect_err(|_| session.metadata = before)?;
    let names: Vec<_> = session.metadata.iter().map(|(name, _)| name.as_str()).collect();
    Ok(session.done(&match names.as_slice() {
        [] => "metadata are honest".to_owned(),
        names => format!("metadata are changed in {}", printable_to(&names.join(", "), TOLD)),
    }))
}
