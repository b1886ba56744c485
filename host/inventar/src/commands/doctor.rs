//! `inventar doctor`: checks that print the fix with what is wrong.

use super::get::print;
use super::{Context, block_on, store_failed};
use crate::bundle::Bundle;
use crate::exit::{Ending, Exit, Stop};
use crate::plugins;
use crate::present::{clean, counted};
use console::Style;
use inventar_store::{OpenOptions, Store, StoreError};
use std::io::IsTerminal;
use std::path::Path;

/// What a check found: fine, worth knowing, or wrong with a fix.
enum Finding {
    Fine(String),
    Note(String),
    Wrong(String, String),
}

use Finding::{Fine, Note, Wrong};

/// Runs the command.
pub(crate) fn run(context: &Context) -> anyhow::Result<Ending> {
    let checks: [(&str, Finding); 9] = [
        ("data folder", data_folder(context)),
        ("database", database(context)),
        ("report cache", cache(context)),
        ("bundled plugins", bundle()),
        ("sandbox", sandbox(context)),
        ("memory", memory()),
        ("address space", address_space()),
        ("git", git()),
        ("terminal", terminal()),
    ];
    let colour = console::colors_enabled();
    let mut wrong = Vec::new();
    let mut text = String::new();
    for (name, finding) in checks {
        let (mark, style, words) = match &finding {
            Fine(words) => ("ok  ", Style::new().green(), words),
            Note(words) => ("note", Style::new().yellow(), words),
            Wrong(words, _) => ("FAIL", Style::new().red().bold(), words),
        };
        let mark =
            if colour { style.force_styling(true).apply_to(mark).to_string() } else { mark.to_owned() };
        text.push_str(&format!("{mark}  {name:<16} {}\n", clean(words)));
        if let Wrong(_, fix) = &finding {
            text.push_str(&format!("      {:<16} fix: {}\n", "", clean(fix)));
            wrong.push(name);
        }
    }
    print(&text)?;
    Ok(match wrong.as_slice() {
        [] => Ending::SUCCESS,
        wrong => Ending::because(Exit::Partial, format!("these checks failed: {}", wrong.join(", "))),
    })
}

fn data_folder(context: &Context) -> Finding {
    let path = context.data.path();
    if let Err(error) = context.data.create() {
        return Wrong(
            format!("cannot make {}: {error}", path.display()),
            "check its owner and permissions, or use --data DIR".into(),
        );
    }
    let probe = path.join(format!(".doctor.{}", std::process::id()));
    let written = std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe));
    if let Err(error) = written {
        return Wrong(
            format!("cannot write in {}: {error}", path.display()),
            "free some space or use --data DIR".into(),
        );
    }
    #[cfg(unix)]
    if let Ok(folder) = std::fs::metadata(path) {
        use std::os::unix::fs::PermissionsExt;
        if folder.permissions().mode() & 0o077 != 0 {
            let fix = format!("chmod 700 {}", path.display());
            return Wrong(format!("others may look into {}", path.display()), fix);
        }
    }
    Fine(path.display().to_string())
}

fn database(context: &Context) -> Finding {
    let opened = block_on(async {
        let options = OpenOptions { read_only: true, ..OpenOptions::default() };
        let store = Store::open(context.data.path(), options).await?;
        let sources = store.sources().await?;
        Ok::<_, StoreError>((sources.len(), sources.iter().map(|source| source.assets).sum::<u64>()))
    });
    match opened {
        Ok(Ok((sources, assets))) => {
            Fine(format!("{}, {}", counted(sources as u64, "source"), counted(assets, "asset")))
        }
        Ok(Err(StoreError::Missing { .. })) => Fine("empty: nothing was recorded yet".into()),
        Ok(Err(StoreError::Outdated { found, known, .. })) => {
            Note(format!("of schema {found}; the next scan upgrades it to {known}, after a backup"))
        }
        Ok(Err(error)) => wrong(&store_failed(&error), error.advice()),
        Err(stop) => wrong(&stop, ""),
    }
}

fn wrong(stop: &Stop, fix: &str) -> Finding {
    let fix = if fix.is_empty() { "see above" } else { fix };
    Wrong(stop.what().to_owned(), fix.to_owned())
}

fn cache(context: &Context) -> Finding {
    let folder = context.data.cache();
    match folder_bytes(&folder) {
        Ok(bytes) => Fine(format!("{} MB; may be deleted at any time", bytes / 1_000_000)),
        Err(error) => {
            Wrong(format!("cannot read {}: {error}", folder.display()), "delete that folder".into())
        }
    }
}

fn folder_bytes(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        bytes += if kind.is_dir() { folder_bytes(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

fn bundle() -> Finding {
    let bundle = match Bundle::of_this_program() {
        Ok(Some(bundle)) => bundle,
        Ok(None) => return Note("none: a development build; `cargo xtask build` puts them in".into()),
        Err(stop) => return wrong(&stop, "install inventar again"),
    };
    for entry in bundle.plugins() {
        let reader = bundle.reader(entry);
        if let Err(error) = reader.component().and_then(|_| reader.code()) {
            return Wrong(error.to_string(), "install inventar again".into());
        }
    }
    Fine(format!("{} plugins, every digest right", bundle.plugins().len()))
}

/// Loads every plugin and makes its code ready to run.
fn sandbox(context: &Context) -> Finding {
    let prepared = plugins::runtime(plugins::compiled_folder(&context.data)).and_then(|runtime| {
        let plugins = plugins::load(&runtime, &context.config.plugin_files.value)?;
        for plugin in &plugins {
            plugin.prepare().map_err(|fault| {
                Stop::new(Exit::Partial, format!("`{}` does not start: {fault}", plugin.manifest().id))
            })?;
        }
        Ok(plugins.len())
    });
    match prepared {
        Ok(n) => Fine(format!("{n} plugins start")),
        Err(stop) => wrong(
            &stop,
            "check the limits of this shell (`ulimit -v`) and of the container, or install again",
        ),
    }
}

fn memory() -> Finding {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else {
        return Note("not known on this system".into());
    };
    let available = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    match available.map(|kib| kib / 1024) {
        Some(mib @ ..256) => {
            Wrong(format!("{mib} MiB available"), "a scan needs about 120 MiB: end something else".into())
        }
        Some(mib) => Fine(format!("{mib} MiB available")),
        None => Note("not known on this system".into()),
    }
}

/// Every sandbox reserves address space; a low `ulimit -v` leaves no room for it.
fn address_space() -> Finding {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        if let Some(bytes) = getrlimit(Resource::As).current {
            let gib = bytes >> 30;
            return if gib < 64 {
                Wrong(format!("limited to {gib} GiB"), "ulimit -v unlimited".into())
            } else {
                Fine(format!("limited to {gib} GiB"))
            };
        }
    }
    Fine("not limited".into())
}

fn git() -> Finding {
    // Inventar reads repositories by itself: git is for those who clone.
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("git").is_file()));
    if found {
        Fine("found (only needed to clone what you scan)".into())
    } else {
        Note("not found; only needed to clone what you scan".into())
    }
}

fn terminal() -> Finding {
    let width = crate::console::stdout_width();
    match width {
        Some(columns @ ..60) => {
            Note(format!("{columns} columns: tables are cut; -o csv or a wider window shows all"))
        }
        Some(columns) => Fine(format!("{columns} columns")),
        None if std::io::stderr().is_terminal() => {
            Fine("stdout is not a terminal: tables are not cut".into())
        }
        None => Fine("none: plain lines, no progress bars".into()),
    }
}
