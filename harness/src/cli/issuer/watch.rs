//! What came to the issuer: a line as it comes, a table when it is asked for.

use std::{
    fmt::Write as _,
    io::Write as _,
    sync::mpsc::Receiver,
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use super::{
    super::{columns::Columns, console::Palette},
    faults::spelled,
};
use crate::{
    adapter::text::printable_to,
    issuer::{MOST_KEPT, Request},
};

/// How much of a client's words stands in a cell, in octets.
const SHOWN: usize = 100;
/// Header fields that say how a client fetches.
const TELLING: [&str; 4] = ["User-Agent", "If-None-Match", "If-Modified-Since", "Cache-Control"];

/// What is said when the issuer's log is full.
pub(super) const FULL: &str =
    "the log is full: it goes on serving and tells no more; start it again to see who comes\n";

/// How requests are told as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Log {
    /// A line for a person
    Text,
    /// A JSON object a line
    Json,
}

/// Tells each request on standard error, until the issuer ends.
pub(super) fn tell(
    requests: Receiver<Request>,
    opened: SystemTime,
    log: Log,
) -> std::io::Result<JoinHandle<()>> {
    thread::Builder::new().name("requests".to_owned()).spawn(move || {
        for request in requests {
            let line = match log {
                Log::Text => line(&request, opened),
                Log::Json => object(&request, opened).to_string(),
            };
            // Who closed standard error does not want to hear it, and the issuer goes on.
            let mut out = anstream::stderr().lock();
            let _ = writeln!(out, "{line}");
            if request.connection + 1 == MOST_KEPT as u64 {
                let _ = write!(out, "{FULL}");
            }
        }
    })
}

/// The time of day, UTC.
pub(super) fn time_of_day(at: SystemTime) -> String {
    let whole = whole_time(at);
    whole.split_once('T').map_or_else(|| whole.clone(), |(_, time)| time.to_owned())
}

fn whole_time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

fn line(request: &Request, opened: SystemTime) -> String {
    let (dim, odd) = (Palette::DIM, Palette::ODD);
    let mut line = format!("{dim}{}{dim:#}", time_of_day(opened + request.at));
    let _ = write!(line, " {}", asked(request));
    match request.status {
        Some(status) => {
            let _ = write!(line, " {status}");
        }
        None => line.push_str(" -"),
    }
    if let Some(fault) = &request.fault {
        let _ = write!(line, " {odd}({}){odd:#}", printable_to(&spelled(fault), SHOWN));
    }
    if let Some(failure) = request.tls.as_ref().and_then(|tls| tls.failure.as_deref()) {
        let _ = write!(line, " {odd}TLS: {}{odd:#}", printable_to(failure, SHOWN));
    }
    for name in TELLING {
        for value in fields(request, name) {
            let _ = write!(line, " {dim}{name}:{dim:#} {}", printable_to(value, SHOWN));
        }
    }
    line
}

fn object(request: &Request, opened: SystemTime) -> Value {
    let tls = request.tls.as_ref().map(|tls| {
        json!({"version": tls.version, "server_name": tls.server_name, "failure": tls.failure})
    });
    json!({
        "at": whole_time(opened + request.at),
        "since_ms": u64::try_from(request.at.as_millis()).unwrap_or(u64::MAX),
        "connection": request.connection,
        "method": request.method,
        "path": request.path,
        "endpoint": request.endpoint,
        "status": request.status,
        "fault": request.fault,
        "headers": request.headers,
        "tls": tls,
    })
}

/// The last `count` of these.
pub(super) fn table(requests: &[Request], count: usize) -> String {
    let mut columns = Columns::new([
        "connection",
        "since start",
        "asked",
        "status",
        "fault",
        "user agent",
        "TLS",
    ]);
    let passed_over = requests.len().saturating_sub(count);
    for request in requests.iter().skip(passed_over) {
        let tls =
            request.tls.as_ref().and_then(|tls| tls.failure.as_ref().or(tls.version.as_ref()));
        columns.row([
            request.connection.to_string(),
            since(request.at),
            asked(request),
            request.status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
            request
                .fault
                .as_ref()
                .map(|fault| printable_to(&spelled(fault), SHOWN))
                .unwrap_or_default(),
            fields(request, "User-Agent")
                .next()
                .map(|it| printable_to(it, SHOWN))
                .unwrap_or_default(),
            tls.map(|tls| printable_to(tls, SHOWN)).unwrap_or_default(),
        ]);
    }
    let mut table = columns.to_string();
    if passed_over > 0 {
        let _ =
            writeln!(table, "{passed_over} before; `requests {}` shows them too", requests.len());
    }
    table
}

fn since(at: Duration) -> String {
    format!("{:>9.3} s", at.as_secs_f64())
}

fn asked(request: &Request) -> String {
    match (request.method.as_str(), request.path.as_str()) {
        ("", "") => "(nothing asked)".to_owned(),
        (method, path) => {
            format!("{} {}", printable_to(method, SHOWN), printable_to(path, SHOWN))
        }
    }
}

fn fields<'a>(request: &'a Request, name: &'a str) -> impl Iterator<Item = &'a str> {
    let of_name = request.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
    of_name.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use gauntlet_vectors::timeline::Fault;

    use super::*;

    fn hostile() -> Request {
        Request {
            at: Duration::from_millis(1_234),
            method: "GET".to_owned(),
            path: format!("/\u{1b}[31m{}", "a".repeat(1000)),
            headers: vec![
                ("user-agent".to_owned(), "\u{202e}x\u{7}".to_owned()),
                ("If-None-Match".to_owned(), "\"tag\"".to_owned()),
                ("Authorization".to_owned(), "Bearer secret".to_owned()),
            ],
            fault: Some(Fault::Status(503)),
            status: Some(503),
            ..Request::default()
        }
    }

    #[test]
    fn a_line_has_no_escapes_of_the_client_and_no_secret() {
        let line =
            anstream::adapter::strip_str(&line(&hostile(), SystemTime::UNIX_EPOCH)).to_string();
        assert!(line.starts_with("00:00:01.234Z GET /aaa"), "{line}");
        assert!(line.contains(" 503 (status 503) User-Agent: x If-None-Match: \"tag\""), "{line}");
        assert!(line.len() < 400 && !line.contains("secret"), "{line}");
    }

    #[test]
    fn a_table_shows_the_last_and_says_what_it_leaves_out() {
        let silent = Request { fault: Some(Fault::Silent), ..Request::default() };
        let text = table(&[silent.clone(), hostile(), silent], 2);
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains("(nothing asked)") && text.contains("1 before"), "{text}");
    }

    #[test]
    fn an_object_says_everything() {
        let object = object(&hostile(), SystemTime::UNIX_EPOCH);
        assert_eq!(object["at"], "1970-01-01T00:00:01.234Z");
        assert_eq!(object["fault"], json!({"status": 503}));
        assert_eq!(object["headers"][1], json!(["If-None-Match", "\"tag\""]));
    }
}
