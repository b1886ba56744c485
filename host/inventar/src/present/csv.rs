//! One asset a row, for spreadsheets.

use super::View;
use super::table::place_in_words;
use super::terminal::clean;
use crate::exit::{Exit, Stop};
use inventar_model::{Asset, Identifier, PluginId, Version};
use std::borrow::Cow;

const HEADER: [&str; 13] = [
    "kind",
    "name",
    "version",
    "version_form",
    "usage",
    "confidence",
    "path",
    "line",
    "places",
    "identifiers",
    "plugins",
    "source",
    "uid",
];

/// The rows of every view, with one header.
pub(super) fn render(views: &[View<'_>]) -> Result<Vec<u8>, Stop> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: &dyn std::fmt::Display| Stop::new(Exit::Store, format!("cannot write csv: {error}"));
    writer.write_record(HEADER).map_err(|error| failed(&error))?;
    for (asset, source) in views
        .iter()
        .flat_map(|view| view.inventory.assets.iter().map(|asset| (asset, &view.inventory.source)))
    {
        let cells = row(asset, source.as_str());
        writer
            .write_record(cells.iter().map(|cell| inert(&clean(cell)).into_owned()))
            .map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

fn row(asset: &Asset, source: &str) -> [String; 13] {
    let first = asset.evidence.first();
    let joined = |texts: Vec<String>| texts.join(" ");
    [
        asset.kind.to_string(),
        asset.name.clone(),
        asset.version.as_ref().map(ToString::to_string).unwrap_or_default(),
        asset.version.as_ref().map(Version::form).unwrap_or_default().to_owned(),
        asset.usage().to_string(),
        asset.confidence().percent().to_string(),
        first
            .map(|evidence| evidence.path().map_or_else(|| place_in_words(&evidence.place), str::to_owned))
            .unwrap_or_default(),
        first.and_then(|evidence| evidence.line()).map(|line| line.to_string()).unwrap_or_default(),
        asset.evidence.len().to_string(),
        joined(asset.identifiers.iter().map(Identifier::to_string).collect()),
        joined(asset.plugins.iter().map(PluginId::to_string).collect()),
        source.to_owned(),
        asset.uid.to_string(),
    ]
}

/// A cell that no spreadsheet takes for a formula: a leading `=`, `+`, `-`, `@`, tab or return gets an apostrophe
/// (OWASP, "CSV Injection").
fn inert(cell: &str) -> Cow<'_, str> {
    if cell
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
    {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expected: &str) {
        assert_eq!(inert(cell), expected);
    }

    #[test]
    fn formulas_become_text() {
        check("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")");
        check("+1", "'+1");
        check("-2", "'-2");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check(" =1", "' =1");
        check("gpt-4o", "gpt-4o");
        check("", "");
        check("a=b", "a=b");
    }
}
