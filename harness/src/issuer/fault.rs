//! What goes wrong: when it does, and what then goes over the wire.

use std::{sync::LazyLock, time::Duration};

use bytes::Bytes;
use gauntlet_vectors::timeline::{Encoding, Endpoint, Fault};

use super::{
    Rule,
    respond::{Asked, Ending, Part, Response},
};

/// What has no end of its own ends here, in octets: a client that took so much has failed, and the machine
/// has other things to do.
const ENDLESS: u64 = 256 << 20;
/// The least that a block of something endless has, so that it is not written in crumbs.
const BLOCK: usize = 64 << 10;

static SPACES: [u8; BLOCK] = [b' '; BLOCK];
static FIELDS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let line = b"X-Padding: 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef\r\n";
    line.repeat(BLOCK / line.len())
});
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
    <body><p>Please sign in to the network.</p></body></html>\n";
/// No text in any encoding of Unicode, and no JSON.
const GARBAGE: &[u8] =
    b"\xff\xfe\x00\xc3\x28\xa0\xa1\xf0\x28\x8c\xbc\x80\xff\x01\x02\x7f{\xed\xa0\x80}\x00";

/// The rules that hold, and how often each had its turn.
///
/// There is one for each endpoint, or one for all connections: a step says what is wrong from then on, so
/// each takes the place of those that would hide it.
#[derive(Debug, Default)]
pub(super) struct Rules {
    connection: Option<Counted>,
    jwks: Option<Counted>,
    metadata: Option<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    turns: u32,
}

impl Counted {
    /// What goes wrong this time.
    fn turn(&mut self) -> Option<Fault> {
        let turn = self.turns;
        self.turns = turn.saturating_add(1);
        let is_bad = turn
            .checked_sub(self.rule.after)
            .is_some_and(|bad| self.rule.times.is_none_or(|times| bad < times));
        is_bad.then(|| self.rule.fault.clone())
    }
}

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) {
        let is_of_the_connection = rule.fault.is_of_the_connection();
        let endpoint = rule.at;
        let counted = Some(Counted { rule, turns: 0 });
        if is_of_the_connection {
            *self = Self { connection: counted, ..Self::default() };
            return;
        }
        self.connection = None;
        *self.slot(endpoint) = counted;
    }

    const fn slot(&mut self, endpoint: Endpoint) -> &mut Option<Counted> {
        match endpoint {
            Endpoint::Jwks => &mut self.jwks,
            Endpoint::Metadata => &mut self.metadata,
        }
    }

    /// What goes wrong with the connection that has just come.
    pub(super) fn of_connection(&mut self) -> Option<Fault> {
        self.connection.as_mut().and_then(Counted::turn)
    }

    /// What goes wrong with the answer that is due.
    pub(super) fn of_answer(&mut self, endpoint: Endpoint) -> Option<Fault> {
        self.slot(endpoint).as_mut().and_then(Counted::turn)
    }

    /// Whether the port is to be closed by now.
    pub(super) fn refuse(&self) -> bool {
        self.connection.as_ref().is_some_and(|counted| {
            counted.rule.fault == Fault::Refused
                && counted.rule.times != Some(0)
                && counted.turns >= counted.rule.after
        })
    }
}

/// What is answered where this goes wrong.
pub(super) fn respond(fault: &Fault, asked: &Asked<'_>) -> Response {
    match fault {
        // Their turn was before anything was asked; who got so far is answered.
        Fault::Refused | Fault::Silent | Fault::Closed | Fault::Tls(_) => asked.honest(),
        Fault::Reset => Response::raw(b"", Ending::Reset),
        Fault::SilentBody => {
            Response { body: Vec::new(), ending: Ending::Hold, ..asked.whole(200) }
        }
        Fault::Drip => Response { drip: Some(asked.drip), ..asked.honest() },
        Fault::Late(by) => {
            Response { delay: Some(Duration::from_millis(u64::from(*by))), ..asked.honest() }
        }
        Fault::Cut => {
            let head = asked.head(200).with_length(asked.octets().len() as u64);
            Response::new(&head, vec![Part::Octets(first_half(asked))])
        }
        Fault::CutTail => {
            let octets = asked.octets();
            let head = asked.head(200).with_length(octets.len() as u64 + 64);
            Response::new(
                &head,
                vec![Part::Octets(octets), Part::Octets(Bytes::from_static(b"\n"))],
            )
        }
        Fault::ShortLength => {
            let head = asked.head(200).with_length(first_half(asked).len() as u64);
            Response::new(&head, vec![Part::Octets(asked.octets())])
        }
        Fault::BadChunk => {
            let (first, second) = halves(asked);
            chunked(asked, &[chunk(&first), Bytes::from_static(b"zz\r\n"), second])
        }
        Fault::CutChunks => {
            let (first, second) = halves(asked);
            chunked(asked, &[chunk(&first), chunk(&second)])
        }
        Fault::NotHttp => Response::raw(b"* OK IMAP4rev1 ready\r\n", Ending::Close),
        Fault::EndlessHead => {
            let begin = asked.head(200).octets();
            let without_end = begin.slice(..begin.len().saturating_sub(2));
            let fields = Part::Repeat { block: FIELDS.as_slice(), octets: ENDLESS };
            let head = vec![Part::Octets(without_end), fields];
            Response { head, ..Response::new(&asked.head(200), Vec::new()) }
        }
        Fault::Status(status @ (429 | 503)) => {
            Response::words(asked.bare(*status).with("Retry-After", "1"))
        }
        Fault::Status(status) => Response::words(asked.bare(*status)),
        Fault::StatusWithDocument(status) => asked.whole(*status),
        Fault::NotModified if asked.is_conditional => Response::words(asked.bare(503)),
        Fault::NotModified => Response::new(&asked.bare(304), Vec::new()),
        Fault::Html => body(asked, "text/html; charset=utf-8", PAGE.as_bytes()),
        Fault::Empty => body(asked, "application/json", b""),
        Fault::EmptyObject => body(asked, "application/json", b"{}"),
        Fault::Garbage => body(asked, "application/json", GARBAGE),
        Fault::HalfDocument => {
            let half = first_half(asked);
            let head = asked.head(200).with_length(half.len() as u64);
            Response::new(&head, vec![Part::Octets(half)])
        }
        Fault::Encoded(encoding) => encoded(*encoding, asked),
        Fault::Padded(octets) => padded(*octets, asked),
        // Without a length: the body is over when the connection is, and it never is.
        Fault::Endless => {
            let spaces = Part::Repeat { block: &SPACES, octets: ENDLESS };
            Response::new(&asked.head(200), vec![spaces])
        }
        Fault::RedirectLoop => redirect(302, &asked.url, asked),
        Fault::Redirect { status, to } => redirect(*status, to, asked),
    }
}

fn body(asked: &Asked<'_>, media_type: &str, octets: &'static [u8]) -> Response {
    let head = asked.bare(200).with("Content-Type", media_type).with_length(octets.len() as u64);
    Response::new(&head, vec![Part::Octets(Bytes::from_static(octets))])
}

fn redirect(status: u16, to: &str, asked: &Asked<'_>) -> Response {
    // A control character would end the field, and make one of what stands behind it.
    let to: String = to.chars().filter(|c| !c.is_control()).collect();
    Response::new(&asked.bare(status).with("Location", to).with_length(0), Vec::new())
}

fn halves(asked: &Asked<'_>) -> (Bytes, Bytes) {
    let mut first = asked.octets();
    let second = first.split_off(first.len() / 2);
    (first, second)
}

fn first_half(asked: &Asked<'_>) -> Bytes {
    halves(asked).0
}

/// A chunk (RFC 9112 §7.1); nothing for no octets, since a chunk without any would be the last.
fn chunk(octets: &[u8]) -> Bytes {
    if octets.is_empty() {
        return Bytes::new();
    }
    Bytes::from([format!("{:x}\r\n", octets.len()).as_bytes(), octets, b"\r\n"].concat())
}

fn chunked(asked: &Asked<'_>, octets: &[Bytes]) -> Response {
    let head = asked.head(200).with("Transfer-Encoding", "chunked");
    Response::new(&head, octets.iter().cloned().map(Part::Octets).collect())
}

fn encoded(encoding: Encoding, asked: &Asked<'_>) -> Response {
    let (coding, octets) = match encoding {
        Encoding::GzipBomb => {
            // The compression of what is in memory fails for want of memory only.
            let bomb = asked.document.and_then(|document| document.bomb().ok());
            ("gzip", bomb.unwrap_or_default())
        }
        Encoding::NotGzip => ("gzip", asked.octets()),
    };
    let head = asked.head(200).with("Content-Encoding", coding).with_length(octets.len() as u64);
    Response::new(&head, vec![Part::Octets(octets)])
}

fn padded(octets: u64, asked: &Asked<'_>) -> Response {
    let (before, behind) =
        asked.document.map(super::respond::Document::around_white_space).unwrap_or_default();
    let length = before.len().saturating_add(behind.len()) as u64;
    // A document that is longer already goes out as it is.
    let octets = octets.max(length);
    let spaces = Part::Repeat { block: &SPACES, octets: octets - length };
    let head = asked.head(200).with_length(octets);
    Response::new(&head, vec![Part::Octets(before), spaces, Part::Octets(behind)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(at: Endpoint, fault: Fault, after: u32, times: Option<u32>) -> Rule {
        Rule { at, fault, after, times }
    }

    #[test]
    fn counts_good_answers_then_bad_ones_then_good_again() {
        let mut rules = Rules::default();
        rules.add(rule(Endpoint::Jwks, Fault::Empty, 2, Some(1)));
        let turns = [(); 5].map(|()| rules.of_answer(Endpoint::Jwks).is_some());
        assert_eq!(turns, [false, false, true, false, false]);
        assert_eq!(rules.of_answer(Endpoint::Metadata), None);
        rules.add(rule(Endpoint::Jwks, Fault::Html, 1, None));
        let turns = [(); 3].map(|()| rules.of_answer(Endpoint::Jwks).is_some());
        assert_eq!(turns, [false, true, true]);
    }

    #[test]
    fn a_rule_takes_the_place_of_those_that_would_hide_it() {
        let mut rules = Rules::default();
        rules.add(rule(Endpoint::Jwks, Fault::Empty, 0, None));
        rules.add(rule(Endpoint::Metadata, Fault::Html, 0, None));
        assert_eq!(rules.of_answer(Endpoint::Jwks), Some(Fault::Empty));
        rules.add(rule(Endpoint::Metadata, Fault::Silent, 0, None));
        assert_eq!(rules.of_answer(Endpoint::Jwks), None, "nobody gets so far");
        assert_eq!(rules.of_connection(), Some(Fault::Silent));
        rules.add(rule(Endpoint::Jwks, Fault::Empty, 0, None));
        assert_eq!(rules.of_connection(), None);
    }

    #[test]
    fn refuses_when_its_good_connections_are_over() {
        let mut rules = Rules::default();
        rules.add(rule(Endpoint::Jwks, Fault::Refused, 1, None));
        assert!(!rules.refuse());
        assert_eq!(rules.of_connection(), None);
        assert!(rules.refuse());
        rules.add(rule(Endpoint::Jwks, Fault::Refused, 0, Some(0)));
        assert!(!rules.refuse(), "no times at all");
    }
}
