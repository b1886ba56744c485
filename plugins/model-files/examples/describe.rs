//! Describes model files, one JSON object a line: `describe FILE…`, or `describe --in FOLDER` with paths on stdin.
#![allow(clippy::print_stdout)]

use inventar_plugin_model_files::{bytes::ReadAt, format};
use std::io::{BufRead, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

struct OnDisk(Mutex<std::fs::File>, u64);

impl ReadAt for OnDisk {
    fn size(&self) -> u64 {
        self.1
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![];
        if let Ok(mut file) = self.0.lock()
            && file.seek(SeekFrom::Start(offset)).is_ok()
        {
            let _ = (&mut *file).take(len as u64).read_to_end(&mut bytes);
        }
        bytes
    }
}

fn describe(path: &Path, shown: &str) -> std::io::Result<()> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let model = format::read(&OnDisk(Mutex::new(file), size));
    let flags: Vec<String> =
        model.flags.iter().map(|flag| format!("{} {} @{}", flag.technique, flag.what, flag.at)).collect();
    let line = serde_json::json!({
        "path": shown, "format": model.format, "verdict": model.verdict().unwrap_or("skipped"), "metadata": model.metadata,
        "flags": flags, "unread": format!("{:?}", model.unread),
    });
    println!("{line}");
    Ok(())
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, folder] = &args[..]
        && flag == "--in"
    {
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            describe(&PathBuf::from(folder).join(&line), &line)?;
        }
        return Ok(());
    }
    args.iter().try_for_each(|path| describe(Path::new(path), path))
}
