//! The one thread on which all issuers of the process live.
//!
//! A case opens an issuer or two and is over in milliseconds: a thread, or a runtime, for each would cost
//! more than the case.

use std::{
    future::{Future, pending},
    io,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use tokio::runtime::{Builder, Handle};

static SHARED: Mutex<Option<Handle>> = Mutex::new(None);

/// The runtime of all issuers; it starts when it is first asked for and ends with the process.
///
/// # Errors
/// Those of its thread and of its poll.
pub(super) fn shared() -> io::Result<Handle> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = shared.as_ref() {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("issuers".to_owned())
        .spawn(move || runtime.block_on(pending::<()>()))?;
    *shared = Some(handle.clone());
    Ok(handle)
}

/// Waits, from any other thread, until this has been done on the runtime.
pub(super) fn wait(runtime: &Handle, work: impl Future<Output = ()> + Send + 'static) {
    let (done, waiting) = mpsc::channel::<()>();
    runtime.spawn(async move {
        work.await;
        drop(done);
    });
    // Nothing is ever sent: the end of the sender is the sign, and it comes after a panic too.
    let _ = waiting.recv();
}
