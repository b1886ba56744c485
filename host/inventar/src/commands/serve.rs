//! `inventar serve`: the inventory in a browser, and the scans that are scheduled.

mod due;

use super::{Context, block_on, store_failed};
use crate::exit::{Ending, Exit, Stop};
use inventar_server::{ServerConfig, router, serve};
use inventar_store::{OpenOptions, Store};
use tokio::net::TcpListener;
use tokio::signal;

/// Runs the command.
pub(crate) fn run(context: &Context) -> anyhow::Result<Ending> {
    block_on(listen(context))??;
    Ok(Ending::SUCCESS)
}

async fn listen(context: &Context) -> Result<(), Stop> {
    let address = context.config.bind.value;
    // The pragmas of a server: it stays, and asks often.
    let options = OpenOptions { cache_bytes: 64 << 20, ..OpenOptions::default() };
    let store = Store::open(context.data.path(), options).await.map_err(|error| store_failed(&error))?;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Stop::new(Exit::Store, format!("cannot listen on {address}: {error}"))
            .hint("choose another address: --bind 127.0.0.1:7071; port 0 takes any free one")
    })?;
    let bound = listener.local_addr().map_err(|error| Stop::new(Exit::Store, error.to_string()))?;
    if !bound.ip().is_loopback() {
        context.console.warn(
            "this is not a loopback address: whoever reaches it reads the whole inventory, without sign-in",
        );
    }
    let router = router(store.clone(), ServerConfig::new(bound));
    context.console.note(&format!("Serving the inventory on http://{bound} (Ctrl-C ends it)"));
    tokio::select! {
        served = serve(listener, router, stop_signal()) => {
            served.map_err(|error| Stop::new(Exit::Store, format!("the server failed: {error}")))?;
        }
        () = due::run(context, &store) => {}
    }
    store.close().await.map_err(|error| store_failed(&error))
}

/// Ends on Ctrl-C and, where there is one, on the signal that service managers send.
async fn stop_signal() {
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = terminated => {}
    }
}
