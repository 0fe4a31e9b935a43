//! A port of our own: open, closed, and open again, without anybody else getting it in between.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream as BlockingStream},
    task::{Context, Poll, Waker, ready},
};

use socket2::{Domain, SockRef, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
};

/// So many may wait to be accepted.
pub(super) const BACKLOG: i32 = 1024;

/// A port on loopback.
#[derive(Debug)]
pub(super) struct Door {
    runtime: Handle,
    address: SocketAddrV4,
    hold: Hold,
    /// Wakes who waits at the door: a listener that is replaced does not.
    waiting: Option<Waker>,
}

/// How the port is held.
#[derive(Debug)]
enum Hold {
    Open(TcpListener),
    /// By a socket that is bound and does not listen: connections are refused, and nobody else gets it.
    Closed {
        _holder: Socket,
    },
    /// Not at all.
    Gone,
}

impl Door {
    /// Opens this port, which nobody must have; the system chooses one for 0.
    ///
    /// # Errors
    /// Those of the socket; [`io::ErrorKind::AddrInUse`] where somebody has it.
    pub(super) fn open(runtime: &Handle, port: u16) -> io::Result<Self> {
        let socket = socket()?;
        if port != 0 {
            // Connections of an issuer that has just ended on this port must not keep us from it.
            socket.set_reuse_address(true)?;
        }
        socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into())?;
        // Only now: before, we would have shared the port with another issuer that listens on it.
        socket.set_reuse_port(true)?;
        let listener = listen(runtime, socket)?;
        let SocketAddr::V4(address) = listener.local_addr()? else {
            return Err(io::Error::other("bound to an address of another family"));
        };
        let hold = Hold::Open(listener);
        Ok(Self { runtime: runtime.clone(), address, hold, waiting: None })
    }

    pub(super) const fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// Listens again, on the same port.
    ///
    /// # Errors
    /// Those of the socket.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        if matches!(self.hold, Hold::Open(_)) {
            return Ok(());
        }
        let socket = socket()?;
        socket.set_reuse_port(true)?;
        socket.bind(&self.address.into())?;
        self.hold = Hold::Open(listen(&self.runtime, socket)?);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
        Ok(())
    }

    /// Refuses whoever comes, and keeps the port. Who waits to be accepted is turned away.
    ///
    /// # Errors
    /// Those of the socket.
    pub(super) fn close(&mut self) -> io::Result<()> {
        if matches!(self.hold, Hold::Closed { .. }) {
            return Ok(());
        }
        let holder = socket()?;
        holder.set_reuse_port(true)?;
        holder.bind(&self.address.into())?;
        self.hold = Hold::Closed { _holder: holder };
        Ok(())
    }

    /// Gives the port up.
    pub(super) fn leave(&mut self) {
        self.hold = Hold::Gone;
    }

    /// Accepts who comes next; waits while the port is closed.
    pub(super) fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        self.waiting = Some(context.waker().clone());
        let Hold::Open(listener) = &self.hold else { return Poll::Pending };
        let (stream, _) = ready!(listener.poll_accept(context))?;
        Poll::Ready(Ok(stream))
    }

    /// Accepts, on the caller's thread, one who waits in the kernel; nothing where nobody does.
    ///
    /// The runtime hears of a connection only when it asks the kernel the next time.
    pub(super) fn accept_waiting(&self) -> Option<io::Result<TcpStream>> {
        let Hold::Open(listener) = &self.hold else { return None };
        let (socket, _) = SockRef::from(listener).accept().ok()?;
        let stream = BlockingStream::from(socket);
        let _runtime = self.runtime.enter();
        Some(stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)))
    }
}

fn socket() -> io::Result<Socket> {
    Socket::new(Domain::IPV4, Type::STREAM, None)
}

fn listen(runtime: &Handle, socket: Socket) -> io::Result<TcpListener> {
    // Its connections inherit this; without it, those that outlive it in the kernel would keep the port.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.listen(BACKLOG)?;
    let _runtime = runtime.enter();
    TcpListener::from_std(socket.into())
}
