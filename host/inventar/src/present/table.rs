//! Columns for people.

use super::View;
use super::record::is_unsigned;
use super::terminal::{clean, fit, fit_end, pad, width};
use console::Style;
use inventar_model::{Asset, KINDS, Place, PluginId, Usage};
use std::collections::BTreeSet;

/// No name takes more columns than this when the terminal is narrow.
const NAME_COLUMNS: usize = 44;
/// No version takes more columns than this when the terminal is narrow.
const VERSION_COLUMNS: usize = 16;

/// The assets of every view, grouped by kind, then what was found about them.
pub(super) fn render(views: &[View<'_>], width: Option<usize>, colour: bool) -> String {
    let mut out = String::new();
    for (at, view) in views.iter().enumerate() {
        if views.len() > 1 {
            let gap = if at > 0 { "\n" } else { "" };
            out.push_str(&format!("{gap}{}\n", bold(&clean(view.inventory.source.as_str()), colour)));
        }
        out.push_str(&assets(&view.inventory.assets, &view.unsigned(), width, colour));
        if !view.inventory.findings.is_empty() {
            out.push('\n');
            out.push_str(&findings(view, width, colour));
        }
    }
    out
}

/// Assets grouped by kind: strongest usage first, then by name. Without any: nothing.
pub(crate) fn assets(
    assets: &[Asset],
    unsigned: &BTreeSet<&PluginId>,
    columns: Option<usize>,
    colour: bool,
) -> String {
    let mut grid = Grid::new(&["  NAME", "VERSION", "USAGE", "CONFIDENCE", "WHERE"], colour);
    let mut marked = BTreeSet::new();
    for group in assets.chunk_by(|a, b| a.kind == b.kind) {
        grid.heading(format!("{} ({})", plural(group[0].kind.as_str()), group.len()));
        let mut group: Vec<&Asset> = group.iter().collect();
        group.sort_by_key(|asset| (asset.usage(), asset.name.to_lowercase()));
        for asset in group {
            let mark = if is_unsigned(asset, unsigned) { " *" } else { "" };
            if !mark.is_empty() {
                marked.extend(asset.plugins.iter());
            }
            let style = if asset.usage() > Usage::Optional { Style::new().dim() } else { Style::new() };
            grid.row(
                [
                    format!("  {}{mark}", clean(&asset.name)),
                    asset.version.as_ref().map_or("-".into(), |version| clean(version.text()).into_owned()),
                    asset.usage().to_string(),
                    asset.confidence().label().to_owned(),
                    places(asset),
                ],
                style,
            );
        }
    }
    let mut out = grid.render(columns);
    if !marked.is_empty() {
        let plugins: Vec<&str> = marked.iter().map(|plugin| plugin.as_str()).collect();
        out.push_str(&format!("* reported only by an unsigned plugin: {}\n", plugins.join(", ")));
    }
    out
}

fn findings(view: &View<'_>, columns: Option<usize>, colour: bool) -> String {
    let mut grid = Grid::new(&["  FINDING", "SEVERITY", "RULE", "WHERE"], colour);
    grid.heading(format!("Findings ({})", view.inventory.findings.len()));
    for finding in &view.inventory.findings {
        let place =
            finding.evidence.first().map(|evidence| place_in_words(&evidence.place)).unwrap_or_default();
        let (title, rule) = (clean(&finding.title), clean(&finding.rule));
        grid.row(
            [format!("  {title}"), finding.severity.to_string(), rule.into_owned(), place],
            Style::new(),
        );
    }
    grid.render(columns)
}

/// `path:line (+n)`: the strongest piece of evidence, and how many more there are.
fn places(asset: &Asset) -> String {
    let Some(first) = asset.evidence.first() else { return "-".into() };
    let place = place_in_words(&first.place);
    match asset.evidence.len() {
        1 => place,
        n => format!("{place} (+{})", n - 1),
    }
}

/// `path:line`, or what stands for it where there is no file.
pub(crate) fn place_in_words(place: &Place) -> String {
    match place {
        Place::File { path, line: 0, .. } => clean(path).into_owned(),
        Place::File { path, line, .. } => format!("{}:{line}", clean(path)),
        Place::Exchange(exchange) => format!("exchange {exchange}"),
        Place::Object(object) => clean(object).into_owned(),
    }
}

/// "Model references": what people call many of a kind, as a heading. A vendor's kind keeps its spelling.
fn plural(kind: &str) -> String {
    let Some(info) = KINDS.iter().find(|info| info.id == kind) else { return kind.to_owned() };
    let mut chars = info.plural.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Rows under one header, in columns as wide as they need to be.
#[derive(Debug)]
pub(crate) struct Grid {
    header: Vec<String>,
    lines: Vec<Line>,
    colour: bool,
}

#[derive(Debug)]
enum Line {
    Heading(String),
    Row(Vec<String>, Style),
}

impl Grid {
    /// An empty grid.
    pub(crate) fn new(header: &[&str], colour: bool) -> Self {
        Self { header: header.iter().map(|cell| (*cell).to_owned()).collect(), lines: vec![], colour }
    }

    /// A line above a group of rows.
    pub(crate) fn heading(&mut self, text: String) {
        self.lines.push(Line::Heading(text));
    }

    /// A row with as many cells as the header; the cells are clean.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N], style: Style) {
        debug_assert_eq!(N, self.header.len());
        self.lines.push(Line::Row(cells.into(), style));
    }

    /// The text; nothing when there is no row. `columns` is the width of the terminal, none: as wide as it gets.
    pub(crate) fn render(self, columns: Option<usize>) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let widths = self.widths(columns);
        let mut out = String::new();
        let header = self.line(&self.header, &widths, columns);
        out.push_str(&self.styled(&header, &Style::new().dim()));
        for line in &self.lines {
            out.push('\n');
            match line {
                Line::Heading(text) => {
                    let text = columns.map_or(text.as_str().into(), |columns| fit(text, columns));
                    out.push_str(&self.styled(&text, &Style::new().bold()));
                }
                Line::Row(cells, style) => {
                    let text = self.line(cells, &widths, columns);
                    out.push_str(&self.styled(&text, style));
                }
            }
        }
        out.push('\n');
        out
    }

    fn styled(&self, text: &str, style: &Style) -> String {
        if self.colour {
            style.clone().force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Natural widths; on a narrow terminal the name and the version give way first, then the last column.
    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|cell| width(cell)).collect();
        for line in &self.lines {
            if let Line::Row(cells, _) = line {
                for (widest, cell) in widths.iter_mut().zip(cells) {
                    *widest = (*widest).max(width(cell));
                }
            }
        }
        let total: usize = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
        if columns.is_some_and(|columns| total > columns) {
            widths[0] = widths[0].min(NAME_COLUMNS);
            if widths.len() > 2 {
                widths[1] = widths[1].min(VERSION_COLUMNS);
            }
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize], columns: Option<usize>) -> String {
        let mut out = String::new();
        let last = cells.len() - 1;
        for (at, (cell, widest)) in cells.iter().zip(widths).enumerate() {
            if at == last {
                // Of a place the end says most: the file's name and the line.
                let room = columns.map(|columns| columns.saturating_sub(width(&out)).max(12));
                out.push_str(&room.map_or(cell.as_str().into(), |room| fit_end(cell, room)));
            } else {
                out.push_str(&pad(&fit(cell, *widest), *widest));
                out.push_str("  ");
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// Bold, where colours are on.
pub(crate) fn bold(text: &str, colour: bool) -> String {
    if colour { Style::new().bold().force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
}

/// Dim, where colours are on.
pub(crate) fn dim(text: &str, colour: bool) -> String {
    if colour { Style::new().dim().force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
}
