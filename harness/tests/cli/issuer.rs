//! The issuer that is operated by hand, as a person or a script operates it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use gauntlet_vectors::{
    NumericDate, Policy, Presented, Verdict, forge::from_base64url, policy::Keys, verdict::Mode,
};
use jwks_gauntlet::{builtin::reference::Reference, verifier::Implementation};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{gauntlet, run};

/// An issuer that listens, with its input in our hands.
struct Session {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    errors: Option<JoinHandle<String>>,
    address: String,
    path: String,
    /// What it said before the first command.
    said: String,
}

impl Session {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = gauntlet(folder)
            .arg("issuer")
            .args(arguments)
            .env("TMPDIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let errors = thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8(said).unwrap()
        });
        let mut session = Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            errors: Some(errors),
            child,
            address: String::new(),
            path: String::new(),
            said: String::new(),
        };
        session.said = session.read_to("trust it nowhere else");
        let jwks_uri = session.row("jwks_uri");
        let (_, behind) = jwks_uri.split_once("://").unwrap();
        let (address, path) = behind.split_once('/').unwrap();
        session.address = address.to_owned();
        session.path = format!("/{path}");
        session
    }

    /// All lines up to one that holds this.
    fn read_to(&mut self, last: &str) -> String {
        let mut read = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "no {last:?} in {read}");
            read.push_str(&line);
            if line.contains(last) {
                return read;
            }
        }
    }

    /// The value of a row of the summary.
    fn row(&self, name: &str) -> String {
        let row = self.said.lines().find(|line| line.starts_with(name)).unwrap();
        row[name.len()..].trim().to_owned()
    }

    fn type_in(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Types a command and reads its answer, whose last line holds this.
    fn ask(&mut self, line: &str, last: &str) -> String {
        self.type_in(line);
        self.read_to(last)
    }

    fn mint(&mut self, what: &str) -> String {
        let said = self.ask(&format!("mint {what}"), "ey");
        said.lines().last().unwrap().to_owned()
    }

    /// What came back to this, in the clear: head and body.
    fn send(&self, path: &str, fields: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    fn fetch(&self) -> (String, String) {
        self.send(&self.path, "User-Agent: tester/1\r\n")
    }

    fn kids(&self) -> Vec<String> {
        let set: Value = serde_json::from_str(&self.fetch().1).unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    /// How it ends: exit status, what it said since on standard output, and all of standard error.
    fn end(mut self) -> (ExitStatus, String, String) {
        drop(self.input.take());
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        (status, said, self.errors.take().unwrap().join().unwrap())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn issuer() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), &[]);
    (folder, session)
}

/// What the strict reference says of a token, with what the issuer serves now.
fn judged(session: &Session, token: &str) -> Verdict {
    let mut policy = Policy::trusting(Keys::Jwks(session.fetch().1));
    policy.issuers[0].issuer = Some(session.row("issuer"));
    policy.audiences = vec![session.row("audience")];
    policy.algorithms = session.row("algorithms").split(", ").map(str::to_owned).collect();
    #[expect(clippy::disallowed_methods, reason = "the issuer mints by the machine's clock")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let now = NumericDate(now.cast_signed());
    let presented =
        Presented { mode: Mode::Jwt, token: token.as_bytes().to_vec(), detached_payload: None };
    let verifier = Reference::strict().configure(&policy, now).unwrap();
    verifier.verify(&presented, now).unwrap()
}

fn accepted(session: &Session, token: &str) -> bool {
    match judged(session, token) {
        Verdict::Accept(_) => true,
        Verdict::Reject { .. } | Verdict::Unavailable { .. } => false,
    }
}

#[test]
fn a_session_serves_breaks_mends_rotates_and_tells_who_came() {
    let (_folder, mut session) = issuer();
    assert!(session.said.contains("warning: everybody knows the private keys"), "{}", session.said);
    let (head, body) = session.fetch();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.contains("\r\nCache-Control: public, max-age=60"), "{head}");
    let set: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(set["keys"][0]["kid"], "p256-a");
    assert_eq!((&set["keys"][0]["use"], &set["keys"][0]["alg"]), (&json!("sig"), &json!("ES256")));
    assert_eq!(set["keys"][0].get("d"), None);

    session.ask("break status 503 times 1", "broken: status 503, of the key set, for 1 answer");
    assert!(session.fetch().0.starts_with("HTTP/1.1 503 "));
    assert!(session.fetch().0.starts_with("HTTP/1.1 200 "));
    session.ask("break empty_object", "broken");
    assert_eq!(session.fetch().1, "{}");
    session.ask("mend", "mended");
    assert_eq!(session.fetch().1, body);

    session.ask("rotate", "signs with `p256-b` now; serves `p256-b`, `p256-a`");
    assert_eq!(session.kids(), ["p256-b", "p256-a"]);
    session.ask("retire", "took away `p256-a`; serves `p256-b`");
    session.ask("publish rsa-2048-a=mine p256-c", "serves `mine`, `p256-c`");
    session.ask("revoke mine", "revoked `mine`; serves `p256-c`");
    session.ask("headers Cache-Control: no-store", "no-store");
    assert!(session.fetch().0.contains("\r\nCache-Control: no-store"));
    session.ask("empty", "serves no key");
    assert_eq!(session.fetch().1, r#"{"keys":[]}"#);

    let table = session.ask("requests 3", "shows them too");
    assert!(table.contains("user agent") && table.contains("tester/1"), "{table}");
    session.ask("clear", "forgot");
    session.ask("requests", "nothing came yet");
    session.type_in("quit");
    let (status, _, errors) = session.end();
    assert_eq!(status.code(), Some(0), "{errors}");
    let told = errors.lines().filter(|line| line.contains("GET /jwks.json")).count();
    assert_eq!(told, 8, "{errors}");
    assert!(errors.contains(" 503 (status 503) User-Agent: tester/1"), "{errors}");
}

#[test]
fn what_is_minted_verifies_with_what_is_served_and_forgeries_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let algorithms = "ES256,RS256,PS384,EdDSA,Ed448";
    let mut session = Session::start(
        folder.path(),
        &["--alg", algorithms, "--path", "/tenant/a/", "--max-age", "5"],
    );
    assert!(session.row("issuer").ends_with("/tenant/a"));
    for alg in algorithms.split(',') {
        let token = session.mint(&format!("alg={alg} sub=somebody roles=[\"admin\", \"user\"]"));
        assert!(accepted(&session, &token), "{alg}: {token}");
        let payload = from_base64url(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims["sub"], "somebody");
        assert_eq!(claims["roles"], json!(["admin", "user"]));
    }
    let honest = session.mint("");
    assert!(accepted(&session, &honest));
    for forgery in [
        "none",
        "other-key",
        "hmac-public",
        "bad-signature",
        "unknown-kid",
        "expired",
        "not-yet",
        "wrong-aud",
        "wrong-iss",
    ] {
        let token = session.mint(&format!("forge={forgery}"));
        assert!(!accepted(&session, &token), "{forgery}: {token}");
    }
    let expired = session.mint("exp=-60");
    assert!(!accepted(&session, &expired));

    // Who is revoked signs on, and is not believed any more.
    session.ask("rotate ES256", "signs with `p256-b`");
    let old = session.mint("key=p256-a");
    assert!(accepted(&session, &old));
    session.ask("revoke p256-a", "revoked");
    let old = session.mint("key=p256-a");
    assert!(!accepted(&session, &old));
}

#[test]
fn metadata_are_where_clients_look_and_can_be_bent() {
    let folder = tempfile::tempdir().unwrap();
    let mut session =
        Session::start(folder.path(), &["--path", "t", "--issuer", "https://me.test"]);
    assert_eq!(session.row("issuer"), "https://me.test");
    let url = format!("http://{}/t", session.address);
    for path in ["/t/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/t"]
    {
        assert!(session.said.contains(path), "{}", session.said);
        let metadata: Value = serde_json::from_str(&session.send(path, "").1).unwrap();
        assert_eq!(metadata["issuer"], "https://me.test");
        assert_eq!(metadata["jwks_uri"], format!("{url}/jwks.json"));
        assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
    }
    let path = "/t/.well-known/openid-configuration";
    session
        .ask("metadata issuer=https://other.test without=jwks_uri", "changed in issuer, jwks_uri");
    let metadata: Value = serde_json::from_str(&session.send(path, "").1).unwrap();
    assert_eq!(
        (&metadata["issuer"], metadata.get("jwks_uri")),
        (&json!("https://other.test"), None)
    );
    session.ask("metadata reset", "honest");
    session.ask("break html at metadata", "broken: html, of the metadata");
    assert!(session.send(path, "").1.contains("<html>"));
    assert!(session.fetch().0.starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_known_document_is_not_sent_again() {
    let (_folder, mut session) = issuer();
    let (head, _) = session.fetch();
    let etag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap().to_owned();
    let fields = format!("If-None-Match: {etag}\r\n");
    assert!(session.send(&session.path, &fields).0.starts_with("HTTP/1.1 304 "));
    session.ask("rotate", "signs with");
    assert!(session.send(&session.path, &fields).0.starts_with("HTTP/1.1 200 "));
    let (_, _, errors) = session.end();
    assert!(errors.contains(&format!("304 If-None-Match: {etag}")), "{errors}");
}

#[test]
fn hostile_lines_are_errors_and_the_session_goes_on() {
    let (_folder, mut session) = issuer();
    let input = session.input.as_mut().unwrap();
    input.write_all(b"show\0 me\n\x1b[2J\n\xff\xfe\n").unwrap();
    input.write_all(&vec![b'a'; 1 << 20]).unwrap();
    let deep = "[".repeat(10_000);
    let lines = [
        "",
        "frobnicate now",
        "mnit",
        "mint sub={\"a\":",
        "mint sub",
        "mint key=nobody",
        "mint forge=wrong",
        "curl http://x",
        "publish",
        "publish nobody",
        "rotate HS256",
        "retire",
        "revoke",
        "revoke nobody",
        "headers",
        "headers nonsense",
        "headers Content-Length: 1",
        "break",
        "break everything",
        "break tls plain",
        "break status 7",
        "break redirect 302",
        "metadata {",
        "requests all",
        "help nothing",
        "quit now",
        "mint \u{202e}x",
        &format!("mint a={deep}"),
        "mint a='{repeat.999999999.a}'",
    ];
    for line in lines {
        session.type_in(line);
    }
    let token = session.mint("");
    assert!(accepted(&session, &token), "nothing changed");
    assert_eq!(session.kids(), ["p256-a"]);
    let (status, _, errors) = session.end();
    assert_eq!(status.code(), Some(0));
    for said in [
        "error: the line holds a control character",
        "error: the line is no UTF-8",
        "error: a line of 1048577 octets is not read; expected at most 65536",
        "error: there is no command `frobnicate`; `help` lists them",
        "error: there is no command `mnit` (did you mean `mint`?)",
        "expected JSON, or any text in single quotes",
        "error: expected NAME=VALUE, found `sub`",
        "error: there is no test key `nobody`; expected one of oct-256-a",
        "error: there is no forgery `wrong`",
        "error: there is no token yet",
        "error: no key for `HS256` is served; expected one of `p256-a`",
        "error: `nobody` is not served; expected one of `p256-a`",
        "error: `Content-Length` is the issuer's own",
        "error: there is no fault `everything`; `break list` names them",
        "error: this issuer speaks no TLS: start it with --tls",
        "error: expected a status from 200 to 599, found `7`",
        "error: expected `redirect STATUS URL`: an address",
        "recursion limit",
        "error: failed to repeat a text 999999999 times",
    ] {
        assert!(errors.contains(said), "{said}\nis not in\n{errors}");
    }
    assert!(!errors.contains(['\u{1b}', '\u{202e}', '\0']), "{errors}");
    assert!(errors.len() < 20_000, "{} octets", errors.len());
}

#[test]
fn help_names_every_command_and_every_fault() {
    let (_folder, mut session) = issuer();
    session.type_in("help\nhelp break\nhelp mint\nhelp publish\nhelp headers\npaste\nquit");
    let (status, said, errors) = session.end();
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
    let (_, help) = said.split_once("type `help`").unwrap();
    let (_, help) = help.split_once('\n').unwrap();
    let (help, _) = help.split_once("issuer       ").unwrap();
    insta::assert_snapshot!(help);
}

#[test]
fn what_is_to_be_pasted_names_the_issuer_and_nothing_else_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut session =
        Session::start(folder.path(), &["--tls", "--path", "t", "--alg", "RS256,ES256"]);
    let rest = session.read_to("type `help`");
    session.said += &rest;
    let file = session.row("CA file");
    let (_, port) = session.address.split_once(':').unwrap();
    insta::assert_snapshot!(session.said.replace(&file, "(CA file)").replace(port, "(port)"));
}

#[test]
fn the_ca_file_is_there_while_the_issuer_runs_and_goes_with_it() {
    for signal in [None, Some(Signal::INT), Some(Signal::TERM)] {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Session::start(folder.path(), &["--tls"]);
        assert!(session.row("issuer").starts_with("https://127.0.0.1:"));
        let file = session.row("CA file");
        let pem = fs::read_to_string(&file).unwrap();
        assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
        session.ask("break tls wrong_name", "broken: tls wrong_name");
        // In the clear nobody gets an answer, and it is told why.
        let mut stream = TcpStream::connect(&session.address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        let pid = Pid::from_child(&session.child);
        match signal {
            None => session.type_in("quit"),
            Some(signal) => kill_process(pid, signal).unwrap(),
        }
        let status = session.child.wait().unwrap();
        let expected = if signal.is_some() { 130 } else { 0 };
        assert_eq!((status.code(), status.signal()), (Some(expected), None));
        assert!(!Path::new(&file).exists(), "{signal:?} leaves the CA file");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        TcpListener::bind(&session.address).expect("the port is free");
        let (_, _, errors) = session.end();
        assert!(errors.contains("(nothing asked) - (tls wrong_name) TLS: "), "{errors}");
    }
}

#[test]
fn a_port_that_is_taken_ends_in_2() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = run(folder.path(), ["issuer", "--port", &port]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains(&format!("somebody listens on port {port} already")),
        "{}",
        ran.stderr
    );
    for (arguments, said) in [
        (["--path", "a?b"], "must be plain"),
        (["--alg", "HS256"], "expected one of RS256"),
        (["--alg", "none"], "expected one of RS256"),
        (["--port", "65536"], "--port"),
        (["--audience", ""], "--audience"),
        (["--max-age", "1s"], "--max-age"),
    ] {
        let ran = run(folder.path(), ["issuer"].iter().chain(&arguments));
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn the_end_of_the_input_ends_it_unless_it_is_to_serve_on() {
    let (_folder, session) = issuer();
    let (status, _, errors) = session.end();
    assert_eq!(status.code(), Some(0));
    assert!(errors.contains("with --serve it goes on"), "{errors}");

    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(folder.path(), &["--serve", "--log", "json"]);
    session.type_in("rotate");
    drop(session.input.take());
    session.read_to("signs with `p256-b` now");
    assert_eq!(session.kids(), ["p256-b", "p256-a"]);
    kill_process(Pid::from_child(&session.child), Signal::TERM).unwrap();
    let (status, _, errors) = session.end();
    assert_eq!(status.code(), Some(130));
    let object = errors.lines().find(|line| line.starts_with('{')).unwrap();
    let object: Value = serde_json::from_str(object).unwrap();
    assert_eq!((&object["path"], &object["status"]), (&json!("/jwks.json"), &json!(200)));
    assert_eq!(object["headers"][1], json!(["User-Agent", "tester/1"]));
}

#[test]
fn quiet_says_where_it_is_and_nobody_who_comes() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(folder.path(), &["--quiet"]);
    session.fetch();
    let token = session.mint("");
    let line = session.ask("curl http://127.0.0.1:9/a?b=c&d", "curl");
    assert_eq!(
        line,
        format!("curl -i -H 'Authorization: Bearer {token}' 'http://127.0.0.1:9/a?b=c&d'\n")
    );
    session.type_in("quit");
    let (status, said, errors) = session.end();
    assert_eq!((status.code(), said.as_str(), errors.as_str()), (Some(0), "", ""));
}
