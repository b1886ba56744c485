//! What could not be looked at, with what to do about it.

use inventar_model as model;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The most places listed for one reason; the count is always exact.
const MAX_PLACES: usize = 500;

/// All gaps of one reason.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct GapGroup {
    /// `access-denied`, `too-large` …
    pub(crate) reason: String,
    /// The reason in words.
    pub(crate) title: String,
    /// What to do about it, or why there is nothing to do.
    pub(crate) advice: String,
    /// Whether we failed to look; otherwise the content is broken or over a declared limit.
    pub(crate) failure: bool,
    /// How many places.
    pub(crate) count: u64,
    /// At most 500 of them.
    pub(crate) places: Vec<GapPlace>,
}

/// One place that was not looked at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct GapPlace {
    /// A path or a scope.
    pub(crate) at: String,
    /// The plugin that did not look; null: none did.
    pub(crate) plugin: Option<String>,
    /// What exactly happened.
    pub(crate) detail: String,
    /// Whether looking again may help.
    pub(crate) retriable: bool,
}

/// Groups gaps by reason: our failures first, then the largest group.
pub(crate) fn group(gaps: &[model::StampedGap]) -> Vec<GapGroup> {
    let mut by_reason: BTreeMap<&str, Vec<&model::StampedGap>> = BTreeMap::new();
    for gap in gaps {
        by_reason.entry(gap.gap.reason.as_str()).or_default().push(gap);
    }
    let mut groups: Vec<GapGroup> = by_reason.into_values().map(|gaps| one_group(&gaps)).collect();
    groups.sort_by_key(|group| (!group.failure, std::cmp::Reverse(group.count)));
    groups
}

fn one_group(gaps: &[&model::StampedGap]) -> GapGroup {
    let first = &gaps[0].gap;
    let (title, advice) = words(&first.reason);
    GapGroup {
        reason: first.reason.as_str().to_owned(),
        title: title.to_owned(),
        advice: advice.to_owned(),
        failure: first.class() == model::Gap::Failure,
        count: gaps.len() as u64,
        places: gaps.iter().take(MAX_PLACES).map(|gap| place(gap)).collect(),
    }
}

fn place(gap: &model::StampedGap) -> GapPlace {
    GapPlace {
        at: gap.gap.at.clone(),
        plugin: gap.plugin.as_ref().map(|plugin| plugin.as_str().to_owned()),
        detail: detail(&gap.gap),
        retriable: gap.gap.retriable,
    }
}

/// The gap's own words, and what its reason carries when they do not say it.
fn detail(gap: &model::CoverageGap) -> String {
    let argument = match &gap.reason {
        model::GapReason::TooLarge(bytes) => Some(format!("{bytes} bytes")),
        model::GapReason::RateLimited(Some(seconds)) => Some(format!("asked to wait {seconds} s")),
        reason => reason.argument().filter(|argument| !argument.is_empty()),
    };
    match argument {
        Some(argument) if gap.detail.is_empty() => argument,
        Some(argument) if !gap.detail.contains(&argument) => format!("{}: {}", argument, gap.detail),
        _ => gap.detail.clone(),
    }
}

fn words(reason: &model::GapReason) -> (&'static str, &'static str) {
    use model::GapReason::*;
    match reason {
        AccessDenied => ("Access denied", "Let the user that scans read these places, then scan again."),
        CredentialMissing => ("No credential", "Configure a credential for this slot, then scan again."),
        RateLimited(_) => ("Asked to wait", "The service limits its calls. Scan again later."),
        Unreachable => ("No answer", "Check that the address can be reached from here, then scan again."),
        TimedOut => (
            "Took too long",
            "A clock ended the plugin here. Scan again; if it stays, report the file to the plugin's author.",
        ),
        TooLarge(_) => (
            "Over the size limit",
            "Declared, not an error: the plugin does not read files of this size. Its manifest names the limit.",
        ),
        Unparsable => {
            ("Broken content", "The file is not what its name says. Nothing can be read from it as it is.")
        }
        Unsupported(_) => (
            "Not understood yet",
            "A format, encoding or feature that the plugin does not know. A newer plugin may.",
        ),
        BudgetExhausted => (
            "Budget used up",
            "A budget of memory, calls, bytes or rows ran out here. Raise the plugin's limits, or exclude the file.",
        ),
        PluginFault(_) => (
            "The plugin failed",
            "The plugin crashed or answered wrongly and was stopped; the rest of the scan went on. Report it to its author.",
        ),
        Changed => ("Changed while being read", "The file vanished or changed during the scan. Scan again."),
        Other(_) => ("Not looked at", "See what the plugin says of each place."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_model::{CoverageGap, GapReason, PluginId, StampedGap};

    fn gap(at: &str, reason: GapReason, detail: &str) -> StampedGap {
        let plugin = PluginId::new("inventar/python").ok();
        StampedGap {
            gap: CoverageGap { at: at.into(), reason, detail: detail.into(), retriable: false },
            plugin,
        }
    }

    #[test]
    fn our_failures_come_first_then_the_largest_group() {
        let gaps = [
            gap("a", GapReason::Unparsable, ""),
            gap("b", GapReason::Unparsable, ""),
            gap("c", GapReason::TooLarge(9), ""),
            gap("d", GapReason::AccessDenied, ""),
        ];
        let groups = group(&gaps);
        let seen: Vec<_> =
            groups.iter().map(|group| (group.reason.as_str(), group.failure, group.count)).collect();
        assert_eq!(seen, [("access-denied", true, 1), ("unparsable", false, 2), ("too-large", false, 1)]);
    }

    #[test]
    fn a_large_group_is_counted_whole_and_listed_in_part() {
        let gaps: Vec<_> = (0..MAX_PLACES + 7).map(|n| gap(&n.to_string(), GapReason::Changed, "")).collect();
        let groups = group(&gaps);
        assert_eq!((groups[0].count, groups[0].places.len()), (507, MAX_PLACES));
    }

    #[test]
    fn details() {
        let check = |reason, detail: &str, expected: &str| {
            assert_eq!(super::detail(&gap("x", reason, detail).gap), expected);
        };
        check(GapReason::TooLarge(5), "", "5 bytes");
        check(GapReason::TooLarge(5), "limit 4", "5 bytes: limit 4");
        check(GapReason::Unsupported("utf-32".into()), "utf-32 text", "utf-32 text");
        check(GapReason::Changed, "vanished", "vanished");
        check(GapReason::Other(String::new()), "odd", "odd");
    }
}
