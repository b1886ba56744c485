//! Results as people and programs want them.
//!
//! A [`View`] is everything there is to show of one source. Each format is a function from it to bytes, and
//! [`write`] puts them where `-o` says: files are complete or absent, stdout belongs to one format.

mod csv;
mod cyclonedx;
mod file;
mod json;
mod ndjson;
mod record;
mod summary;
mod table;
mod terminal;

pub(crate) use self::cyclonedx::{Bom, generate as generate_bom, source_date_epoch};
pub(crate) use file::write_atomically;
pub(crate) use record::{AssetRecord, ChangeRecord, EvidenceRecord, GapRecord, LeftOutRecord, property_map};
pub(crate) use summary::{changes_in_words, counted, coverage_in_words, grouped, outcome_in_words};
pub(crate) use table::{Grid, bold, dim, place_in_words};
pub(crate) use terminal::clean;

use crate::console;
use crate::exit::{Exit, Stop};
use inventar_model::{Inventory, LeftOut, PluginId, RunStatus};
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A shape of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Columns for people.
    Table,
    /// One document.
    Json,
    /// One record a line.
    Ndjson,
    /// One asset a row, safe to open in a spreadsheet.
    Csv,
    /// A bill of materials.
    CycloneDx,
}

impl Format {
    const ALL: [Self; 5] = [Self::Table, Self::Json, Self::Ndjson, Self::Csv, Self::CycloneDx];

    /// As written on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::CycloneDx => "cyclonedx",
        }
    }
}

/// A format and where it goes: `csv`, `cyclonedx=bom.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// The shape.
    pub(crate) format: Format,
    /// None: stdout.
    pub(crate) file: Option<PathBuf>,
}

impl Output {
    /// To stdout.
    pub(crate) const fn stdout(format: Format) -> Self {
        Self { format, file: None }
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, file) = match text.split_once('=') {
            Some((word, file)) => (word, Some(file)),
            None => (text, None),
        };
        let Some(format) = Format::ALL.into_iter().find(|format| format.as_str() == word) else {
            let words = Format::ALL.map(Format::as_str);
            return Err(format!("`{word}` is no format; {}", crate::config::hint_for(word, words)));
        };
        match file {
            Some("") => Err(format!("`{text}` names no file")),
            Some("-") | None => Ok(Self::stdout(format)),
            Some(file) => Ok(Self { format, file: Some(file.into()) }),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.as_str())?;
        self.file.as_ref().map_or(Ok(()), |file| write!(f, "={}", file.display()))
    }
}

/// The outputs to write; none asked for: a table. At most one may go to stdout, and each file is written once.
pub(crate) fn outputs(asked: &[Output]) -> Result<Vec<Output>, Stop> {
    if asked.is_empty() {
        return Ok(vec![Output::stdout(Format::Table)]);
    }
    let mut places = BTreeSet::new();
    for output in asked {
        if !places.insert(&output.file) {
            return Err(match &output.file {
                None => Stop::usage("two formats would go to stdout")
                    .hint(format!("give one a file: -o {}=FILE", output.format.as_str())),
                Some(file) => Stop::usage(format!("two formats would go to `{}`", file.display())),
            });
        }
    }
    Ok(asked.to_vec())
}

/// For commands that know only some formats and no files.
pub(crate) fn format_among(asked: Option<&Output>, known: &[Format]) -> Result<Format, Stop> {
    let words = || known.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ");
    match asked {
        None => Ok(known[0]),
        Some(Output { file: Some(_), .. }) => {
            Err(Stop::usage("this command writes to stdout only").hint("redirect it: > FILE"))
        }
        Some(output) if known.contains(&output.format) => Ok(output.format),
        Some(output) => Err(Stop::usage(format!("this command has no format `{}`", output.format.as_str()))
            .hint(format!("it has: {}", words()))),
    }
}

/// One source as it is shown: the inventory and what a run said beside it.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    /// The assets, relations, findings and gaps.
    pub(crate) inventory: &'a Inventory,
    /// The run behind it; none: only part of an inventory is shown.
    pub(crate) run: Option<RunFacts>,
    /// For a bill of materials.
    pub(crate) bom: Bom,
}

/// What a run says beside its assets. No clock: two runs over equal content have equal facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunFacts {
    /// How far it got.
    pub(crate) status: RunStatus,
    /// Regular files the walk saw.
    pub(crate) files_seen: u64,
    /// Files that at least one plugin was asked about.
    pub(crate) files_inspected: u64,
    /// What the rules of the walk left out.
    pub(crate) left_out: Vec<LeftOut>,
    /// Who took part: id, version, whether somebody vouches for it.
    pub(crate) plugins: Vec<(PluginId, String, bool)>,
}

impl View<'_> {
    /// The plugins for which nobody vouches.
    pub(crate) fn unsigned(&self) -> BTreeSet<&PluginId> {
        let plugins = self.run.iter().flat_map(|run| &run.plugins);
        plugins.filter(|(_, _, signed)| !signed).map(|(id, ..)| id).collect()
    }
}

/// Writes every output, files first so that a reader of stdout finds them complete.
pub(crate) fn write(views: &[View<'_>], outputs: &[Output]) -> Result<(), Stop> {
    let (files, stdout): (Vec<_>, Vec<_>) = outputs.iter().partition(|output| output.file.is_some());
    for output in files.into_iter().chain(stdout) {
        let bytes = render(views, output)?;
        match &output.file {
            Some(path) => write_atomically(path, &bytes),
            None => console::write_stdout(&bytes),
        }
        .map_err(|error| {
            let place = output.file.as_ref().map_or("stdout".into(), |path| format!("`{}`", path.display()));
            Stop::new(Exit::Store, format!("cannot write {} to {place}: {error}", output.format.as_str()))
        })?;
    }
    Ok(())
}

fn render(views: &[View<'_>], output: &Output) -> Result<Vec<u8>, Stop> {
    match output.format {
        Format::Table => {
            let width = if output.file.is_none() { console::stdout_width() } else { None };
            let colour = output.file.is_none() && ::console::colors_enabled();
            Ok(table::render(views, width, colour).into_bytes())
        }
        Format::Json => Ok(json::render(views)),
        Format::Ndjson => Ok(ndjson::render(views)),
        Format::Csv => csv::render(views),
        Format::CycloneDx => match views {
            [view] => generate_bom(view.inventory, &view.bom).map(String::into_bytes),
            _ => Err(Stop::usage("a bill of materials is of one source").hint("name it with --source")),
        },
    }
}

#[cfg(test)]
mod tests;
