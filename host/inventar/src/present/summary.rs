//! What a run did, in a few lines for people.

use super::terminal::clean;
use super::{RunFacts, dim};
use console::Style;
use inventar_model::{
    Change, ChangeKind, Gap, GapReason, Inventory, KINDS, LeftOut, Retirement, RunDelta, RunStatus,
};
use std::collections::BTreeMap;

/// No more changes than this are listed.
const LISTED_CHANGES: usize = 12;

/// No more kinds than this are counted in the headline.
const LISTED_KINDS: usize = 6;

/// What changed since the last run: a line of counts, then the changes.
pub(crate) fn changes_in_words(delta: &RunDelta, colour: bool) -> Vec<String> {
    if delta.first {
        return vec![];
    }
    let mut lines = vec![headline(delta)];
    for change in delta.changes.iter().take(LISTED_CHANGES) {
        lines.push(change_line(change, colour));
    }
    if let Some(more @ 1..) = delta.changes.len().checked_sub(LISTED_CHANGES) {
        lines.push(dim(&format!("  … and {more} more: inventar diff"), colour));
    }
    if let Some(held) = delta.held {
        lines.push(format!(
            "{} disappeared at once and stay listed until that is confirmed: scan again with --confirm-gone",
            counted(held, "asset")
        ));
    }
    lines
}

fn headline(delta: &RunDelta) -> String {
    let count = |kind: ChangeKind| {
        let of_kind = delta.changes.iter().filter(|change| change.change == kind);
        of_kind.filter(|change| change.reason == Retirement::Source).count()
    };
    let detector = delta.changes.iter().filter(|change| change.reason == Retirement::Detector).count();
    let parts = [
        (count(ChangeKind::New), "new"),
        (count(ChangeKind::Changed), "changed"),
        (count(ChangeKind::Gone), "gone"),
        (detector, "because a detector changed"),
    ];
    let mut words: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", grouped(*n as u64)))
        .collect();
    if words.is_empty() {
        words.push("nothing changed".into());
    }
    if delta.kept > 0 {
        words.push(format!(
            "{} kept from before, because their files were not looked at",
            grouped(delta.kept)
        ));
    }
    format!("Since last time: {}.", words.join(", "))
}

fn change_line(change: &Change, colour: bool) -> String {
    let (sign, style) = match change.change {
        ChangeKind::New => ("+", Style::new().green()),
        ChangeKind::Changed => ("~", Style::new().yellow()),
        ChangeKind::Gone => ("-", Style::new().red()),
    };
    let sign = if colour { style.force_styling(true).apply_to(sign).to_string() } else { sign.to_owned() };
    let mut why = Vec::new();
    if !change.fields.is_empty() {
        why.push(change.fields.join(", "));
    }
    if change.reason == Retirement::Detector {
        why.push("detector changed".into());
    }
    let why =
        if why.is_empty() { String::new() } else { dim(&format!("  ({})", clean(&why.join("; "))), colour) };
    format!("  {sign} {}/{}{why}", change.kind, clean(&change.name))
}

/// What was looked at and what was not, in two lines.
pub(crate) fn coverage_in_words(run: &RunFacts, inventory: &Inventory) -> Vec<String> {
    let mut line = format!(
        "Looked at {} of {}; {}.",
        grouped(run.files_inspected),
        counted(run.files_seen, "file"),
        gaps_in_words(inventory)
    );
    if run.status == RunStatus::Interrupted {
        line.push_str(" Interrupted: what was not reached keeps its last state.");
    }
    let mut lines = vec![line];
    if !run.left_out.is_empty() {
        let rules: Vec<String> = run.left_out.iter().map(rule_in_words).collect();
        lines.push(format!("Not looked at: {}.", rules.join(", ")));
    }
    lines
}

fn gaps_in_words(inventory: &Inventory) -> String {
    if inventory.gaps.is_empty() {
        return "no gaps".into();
    }
    let mut reasons: BTreeMap<(bool, &str), u64> = BTreeMap::new();
    for stamped in &inventory.gaps {
        let declared = stamped.gap.class() == Gap::Declared;
        *reasons.entry((declared, reason_in_words(&stamped.gap.reason))).or_default() += 1;
    }
    let words: Vec<String> =
        reasons.iter().map(|((_, reason), n)| format!("{} {reason}", grouped(*n))).collect();
    format!("{} ({})", counted(inventory.gaps.len() as u64, "gap"), words.join(", "))
}

/// "not readable": a gap's reason as people say it.
fn reason_in_words(reason: &GapReason) -> &'static str {
    match reason {
        GapReason::AccessDenied => "access denied",
        GapReason::CredentialMissing => "without a credential",
        GapReason::RateLimited(_) => "rate limited",
        GapReason::Unreachable => "unreachable",
        GapReason::TimedOut => "timed out",
        GapReason::TooLarge(_) => "too large",
        GapReason::Unparsable => "unparsable",
        GapReason::Unsupported(_) => "not supported",
        GapReason::BudgetExhausted => "over a budget",
        GapReason::PluginFault(_) => "plugin fault",
        GapReason::Changed => "changed meanwhile",
        GapReason::Other(_) => "other",
    }
}

/// "38 git-ignored files", "2 dependency folders (node_modules …)".
fn rule_in_words(left_out: &LeftOut) -> String {
    let words = match left_out.rule.as_str() {
        "gitignored" => counted(left_out.count, "git-ignored file"),
        "inventarignored" => format!("{} by .inventarignore", counted(left_out.count, "file")),
        rule => counted(left_out.count, &rule.replace('-', " ")),
    };
    let folders = left_out.rule.ends_with("folder");
    let example = left_out.examples.first().filter(|_| folders).map(|example| {
        let more = if left_out.count > 1 { " …" } else { "" };
        format!(" ({}{more})", clean(example))
    });
    format!("{words}{}", example.unwrap_or_default())
}

/// "73 assets: 9 model references, 12 SDKs, 7 MCP servers and 11 of other kinds", the headline of a scan.
pub(crate) fn outcome_in_words(inventory: &Inventory) -> String {
    if inventory.assets.is_empty() {
        let blind = inventory.gaps.iter().any(|stamped| stamped.gap.class() == Gap::Failure);
        return if blind { "No AI assets found where we could look." } else { "No AI assets found." }.into();
    }
    let mut groups: Vec<_> = inventory.assets.chunk_by(|a, b| a.kind == b.kind).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let rest: usize = groups.iter().skip(LISTED_KINDS).map(|group| group.len()).sum();
    groups.truncate(LISTED_KINDS);
    groups.sort_by_key(|group| group[0].kind.rank());
    let mut words: Vec<String> = groups
        .iter()
        .map(|group| {
            let (kind, n) = (&group[0].kind, group.len() as u64);
            let plural =
                KINDS.iter().find(|info| info.id == kind.as_str()).map_or(kind.as_str(), |info| info.plural);
            format!("{} {}", grouped(n), if n == 1 { kind.label() } else { plural })
        })
        .collect();
    if rest > 0 {
        words.push(format!("{} of other kinds", grouped(rest as u64)));
    }
    format!("{}: {}.", counted(inventory.assets.len() as u64, "asset"), words.join(", "))
}

/// `1 file`, `1,204 files`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `1,204`
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_groups() {
        for (n, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), expected);
        }
    }
}
