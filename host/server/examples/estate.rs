//! Serves a made-up estate, to look at the console without scanning anything:
//! `cargo run -p inventar-server --example estate [PORT [FOLDER]]`. `empty` as folder serves an inventory of nothing.

#[path = "../tests/api/estate.rs"]
mod estate;

use inventar_server::{ServerConfig, router, serve};
use inventar_store::{OpenOptions, Store};
use std::path::PathBuf;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(8740), |port| port.parse())?;
    let folder = std::env::args().nth(2);
    let temporary = tempfile::tempdir()?;
    let data = folder
        .as_ref()
        .filter(|folder| *folder != "empty")
        .map_or(temporary.path().to_owned(), PathBuf::from);
    let store = Store::open(&data, OpenOptions::default()).await?;
    if folder.as_deref() != Some("empty") && store.sources().await?.is_empty() {
        for run in estate::runs() {
            store.record(&run).await?;
        }
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    eprintln!("http://{}", listener.local_addr()?);
    let router = router(store, ServerConfig::new(listener.local_addr()?));
    serve(listener, router, async { drop(tokio::signal::ctrl_c().await) }).await?;
    Ok(())
}
