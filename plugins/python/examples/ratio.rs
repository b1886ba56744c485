//! What the sandbox costs: this detector as wasm, in the production host, and as native code, over the same files.
//!
//!     ratio PYTHON.wasm FOLDER...
//!
//! Both read what is already in memory, on one thread; the least of three rounds counts. Linking is left out: it sees
//! facts, not files.

use inventar_plugin_python::Python;
use inventar_plugin_sdk::{Detector, File};
use inventar_runtime::{Candidate, Content, Runtime, RuntimeConfig, Trust};
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 3;
const MAX_FILE_BYTES: u64 = 1 << 20;
const MAX_BYTES: usize = 64 << 20;
const BATCH: usize = 64;

#[allow(clippy::print_stdout, reason = "the figures are its data")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let component = std::fs::read(args.next().ok_or("usage: ratio PYTHON.wasm FOLDER...")?)?;
    let mut files = Vec::new();
    for folder in args {
        collect(folder.as_ref(), folder.as_ref(), &mut files);
    }
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    if files.is_empty() {
        return Err("there is no Python file below these folders".into());
    }

    let runtime = Runtime::new(RuntimeConfig::default())?;
    let plugin = runtime.load(&component, Trust::Unsigned)?;
    plugin.prepare().map_err(|fault| fault.message)?;
    let (mut native, mut wasm, mut guest) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let mut assets = (0, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        assets.0 = files.iter().map(|(path, content)| scan_natively(path, content)).sum();
        native = native.min(began.elapsed());

        let began = Instant::now();
        let mut inside = Duration::ZERO;
        assets.1 = 0;
        for batch in files.chunks(BATCH) {
            let scanned =
                plugin.scan("", batch.iter().map(candidate).collect()).map_err(|fault| fault.message)?;
            if let Some((at, reason, detail)) = scanned.problems.first() {
                return Err(format!("{}: {reason:?}: {detail}", batch[*at].0).into());
            }
            assets.1 +=
                scanned.answers.iter().flatten().map(|answer| answer.report.assets.len()).sum::<usize>();
            inside += scanned.guest;
        }
        wasm = wasm.min(began.elapsed());
        guest = guest.min(inside);
    }
    if assets.0 != assets.1 {
        return Err(format!("native code found {} assets, wasm {}", assets.0, assets.1).into());
    }

    let per_second = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    let ratio = |time: Duration| time.as_secs_f64() / native.as_secs_f64();
    println!("{} Python files, {:.1} MB, {} assets, one thread\n", files.len(), bytes as f64 / 1e6, assets.0);
    println!("|        | seconds | MB/s  | of native |\n|--------|--------:|------:|----------:|");
    for (name, time) in [("native", native), ("guest", guest), ("call", wasm)] {
        println!(
            "| {name:6} | {:7.3} | {:5.1} | {:9.2} |",
            time.as_secs_f64(),
            per_second(time),
            ratio(time)
        );
    }
    println!(
        "\nguest: inside the sandbox; call: with a fresh instance per batch, copying, lifting and redacting"
    );
    Ok(())
}

fn scan_natively(path: &str, content: &[u8]) -> usize {
    Python::scan(&Default::default(), &File::of(path, content)).assets.len()
}

fn candidate((path, content): &(String, Vec<u8>)) -> Candidate {
    Candidate { path: path.clone(), hits: vec![], content: Content::Inline(content.clone()) }
}

/// Python files below a folder, in order, until there are enough bytes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if files.iter().map(|(_, content)| content.len()).sum::<usize>() > MAX_BYTES {
            return;
        }
        if path.is_dir() && !path.is_symlink() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "py")
            && path.metadata().is_ok_and(|data| data.len() <= MAX_FILE_BYTES)
            && let Ok(content) = std::fs::read(&path)
        {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.push((name, content));
        }
    }
}
