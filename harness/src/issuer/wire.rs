//! How an answer goes out: at which pace, and how it ends.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_rustls::server::TlsStream;

use super::{
    log::Entry,
    respond::{Ending, Part, Response},
};

/// The least time between two writes of a dripping answer: shorter ones are the timer's noise.
const TICK: Duration = Duration::from_millis(5);
/// How long a client may take to hang up after its answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection on which HTTP is spoken, and its line in the log.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    pub(super) entry: Entry,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub(super) const fn plain(stream: TcpStream, entry: Entry) -> Self {
        Self { stream: Stream::Plain(stream), entry }
    }

    pub(super) fn tls(stream: TlsStream<TcpStream>, entry: Entry) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), entry }
    }

    /// Adds what came to the buffer; 0 where the client has finished.
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read_buf(buffer).await,
            Stream::Tls(stream) => stream.read_buf(buffer).await,
        }
    }

    /// Sends an answer and ends the connection as it says; errors are the client's going.
    pub(super) async fn answer(mut self, response: &Response, is_head: bool) {
        if let Some(delay) = response.delay {
            sleep(delay).await;
        }
        let body: &[Part] = if is_head { &[] } else { &response.body };
        let parts = || response.head.iter().chain(body);
        let total = parts().map(Part::length).sum();
        let mut pace = response.drip.map(|drip| Pace::new(drip, total));
        for part in parts() {
            if self.send(part, pace.as_mut()).await.is_err() {
                return;
            }
        }
        // What TLS holds back has to go before a silence, or before a reset takes it.
        if self.flush().await.is_err() {
            return;
        }
        match response.ending {
            Ending::Close => self.close().await,
            Ending::Hold => self.hold().await,
            Ending::Reset => self.reset(),
        }
    }

    /// Says nothing until the client goes.
    pub(super) async fn hold(&mut self) {
        let mut ignored = Vec::with_capacity(4 << 10);
        while self.read(&mut ignored).await.is_ok_and(|length| length > 0) {
            ignored.clear();
        }
    }

    async fn send(&mut self, part: &Part, mut pace: Option<&mut Pace>) -> io::Result<()> {
        let mut left = part.length();
        while left > 0 {
            let longest = pace.as_ref().map_or(u64::MAX, |pace| pace.step).min(left);
            let offset = part.length() - left;
            let octets = part.from(offset, longest);
            if let Some(pace) = pace.as_mut() {
                pace.wait(octets.len()).await;
            }
            self.write(octets).await?;
            left -= octets.len() as u64;
        }
        Ok(())
    }

    async fn write(&mut self, mut octets: &[u8]) -> io::Result<()> {
        while !octets.is_empty() {
            let length = match &mut self.stream {
                Stream::Plain(stream) => stream.write(octets).await?,
                Stream::Tls(stream) => stream.write(octets).await?,
            };
            if length == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            // Nothing is awaited between the write and this, so that who waits for the runtime sees both.
            self.entry.amend(|request| request.sent += length as u64);
            octets = octets.get(length..).unwrap_or_default();
        }
        // TLS would keep a dripping octet until its record is full.
        if let Stream::Tls(stream) = &mut self.stream { stream.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.flush().await,
            Stream::Tls(stream) => stream.flush().await,
        }
    }

    /// Closes our half and waits a little for the client's: a socket that is closed over unread octets
    /// resets the connection, and takes the answer with it.
    async fn close(&mut self) {
        let shut = match &mut self.stream {
            Stream::Plain(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
        };
        if shut.is_ok() {
            // Whether the client hung up or had to be left, the connection is over.
            let _ = timeout(FAREWELL, self.hold()).await;
        }
    }

    fn reset(self) {
        let stream = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        // Where that fails the connection is closed, which the client takes for much the same.
        let _ = stream.set_zero_linger();
    }
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Self::Octets(octets) => octets.len() as u64,
            Self::Repeat { octets, .. } => *octets,
        }
    }

    /// Some of its octets, at most so many, from here on.
    fn from(&self, offset: u64, longest: u64) -> &[u8] {
        let (octets, offset) = match self {
            Self::Octets(octets) => (octets.as_ref(), offset),
            Self::Repeat { block, .. } => (*block, offset % block.len().max(1) as u64),
        };
        let rest = usize::try_from(offset).ok().and_then(|offset| octets.get(offset..));
        let rest = rest.unwrap_or_default();
        let length = usize::try_from(longest).unwrap_or(usize::MAX).min(rest.len());
        rest.get(..length).unwrap_or_default()
    }
}

/// How fast an answer drips.
#[derive(Debug)]
struct Pace {
    /// So many octets are written at once.
    step: u64,
    /// How long one octet takes.
    octet: Duration,
    next: Instant,
}

impl Pace {
    fn new(drip: Duration, total: u64) -> Self {
        let octet = drip.checked_div(u32::try_from(total).unwrap_or(u32::MAX)).unwrap_or_default();
        let ticks = u64::try_from(drip.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { step: total.div_ceil(ticks).max(1), octet, next: Instant::now() }
    }

    /// Waits until so many octets are due.
    async fn wait(&mut self, octets: usize) {
        self.next += self.octet.saturating_mul(u32::try_from(octets).unwrap_or(u32::MAX));
        sleep_until(self.next).await;
    }
}
