//! What a collection did, in words, and how it ends.

use crate::connect::{bytes_in_words, cost_in_words};
use crate::exit::{Ending, Exit};
use crate::present::{clean, grouped};
use inventar_model::{GapReason, RunStatus, ScopeRun, ScopeStatus, Spent, StampedGap};
use inventar_scan::Collected;
use std::collections::BTreeMap;

/// Scopes and their price, in two lines.
pub(super) fn in_words(collected: &Collected) -> Vec<String> {
    vec![scopes_in_words(&collected.scopes), spent_in_words(&collected.spent)]
}

/// `14 of 16 scopes are complete, 2 denied.`
fn scopes_in_words(scopes: &[ScopeRun]) -> String {
    if scopes.is_empty() {
        return "The source did not say what there is to look at.".into();
    }
    let mut counts: BTreeMap<ScopeStatus, u64> = BTreeMap::new();
    for run in scopes {
        *counts.entry(run.status).or_default() += 1;
    }
    let complete = counts.remove(&ScopeStatus::Complete).unwrap_or(0);
    let mut words = format!("{} of {} scopes are complete", grouped(complete), grouped(scopes.len() as u64));
    for (status, n) in counts {
        words.push_str(&format!(", {} {status}", grouped(n)));
    }
    words + "."
}

/// `1,204 calls (3 again, 2 throttled), 1.4 MB, $0.004.`
pub(crate) fn spent_in_words(spent: &Spent) -> String {
    let more: Vec<String> = [(spent.retries, "again"), (spent.throttled, "throttled")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", grouped(n)))
        .collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    let cost = if spent.cost_microusd > 0 {
        format!(", {}", cost_in_words(spent.cost_microusd))
    } else {
        String::new()
    };
    let calls = if spent.calls == 1 { "call" } else { "calls" };
    format!("{} {calls}{more}, {}{cost}.", grouped(spent.calls), bytes_in_words(spent.bytes))
}

/// The code, and the reason in a line.
pub(super) fn ending(collected: &Collected) -> Ending {
    if collected.budget_spent {
        let left = collected.scopes.iter().filter(|run| run.status != ScopeStatus::Complete).count();
        return Ending::because(
            Exit::Budget,
            format!(
                "{left} of {} scopes are left; raise the budget with `inventar source add`",
                collected.scopes.len()
            ),
        );
    }
    let failed: Vec<&ScopeRun> =
        collected.scopes.iter().filter(|run| run.status != ScopeStatus::Complete).collect();
    let first = |n: usize| if n > 1 { format!("{n} scopes, the first is ") } else { String::new() };
    if let Some(run) = failed.first() {
        let words = format!("{}{}", first(failed.len()), of_scope(run, &collected.run.gaps));
        return Ending::because(Exit::Partial, words);
    }
    match collected.run.gaps.iter().find(|stamped| stamped.gap.class() == inventar_model::Gap::Failure) {
        Some(stamped) => Ending::because(
            Exit::Partial,
            format!("{}: {}", clean(&stamped.gap.at), clean(&stamped.gap.detail)),
        ),
        None if collected.run.status == RunStatus::Complete => Ending::SUCCESS,
        None => {
            Ending::because(Exit::Partial, "not every scope was listed; see `inventar coverage --missing`")
        }
    }
}

/// `denied: sagemaker:ListModels in aws/1/eu-west-1/sagemaker; see …`
fn of_scope(run: &ScopeRun, gaps: &[StampedGap]) -> String {
    let prefix = run.scope.prefix();
    let mut of_it = gaps.iter().filter(|stamped| stamped.gap.at.starts_with(&prefix));
    let action = of_it
        .find(|stamped| stamped.gap.reason == GapReason::AccessDenied)
        .and_then(|stamped| stamped.gap.at.strip_prefix(&prefix));
    let what = action.unwrap_or(&run.detail);
    format!("{}: {} in {}; see `inventar coverage --missing`", run.status, clean(what), clean(&run.scope.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_model::{CollectionId, CoverageGap, Digest, Run, Scope, SourceName, Timestamp};

    fn scope(id: &str, status: ScopeStatus) -> ScopeRun {
        let scope = Scope { id: id.into(), kind: "region".into(), label: id.into() };
        ScopeRun { scope, status, detail: "why".into(), seen: 0, spent: Spent::default(), millis: 0 }
    }

    fn collected(
        scopes: &[(&str, ScopeStatus)],
        gaps: &[(&str, GapReason)],
        budget_spent: bool,
    ) -> Collected {
        let gaps = gaps.iter().map(|(at, reason)| StampedGap {
            gap: CoverageGap {
                at: (*at).into(),
                reason: reason.clone(),
                detail: "said no".into(),
                retriable: false,
            },
            plugin: None,
        });
        let run = Run {
            source: SourceName::new("prod").unwrap(),
            reports: vec![],
            reports_digest: Digest::of(b""),
            gaps: gaps.collect(),
            status: RunStatus::Complete,
            revision: None,
            started: Timestamp(0),
            ended: Timestamp(1),
            plugins: vec![],
            files_seen: 1,
            files_inspected: 1,
            bytes_read: 1,
            left_out: vec![],
            unseen: vec![],
        };
        Collected {
            id: CollectionId(1),
            run,
            scopes: scopes.iter().map(|(id, status)| scope(id, *status)).collect(),
            spent: Spent::default(),
            used: vec![],
            budget_spent,
            resumed: None,
        }
    }

    #[track_caller]
    fn check(collected: &Collected, code: u8, reason: &str) {
        let ending = ending(collected);
        assert_eq!(ending.exit.code(), code);
        assert!(ending.reason.as_deref().unwrap_or_default().contains(reason), "{ending:?}");
    }

    #[test]
    fn endings() {
        use ScopeStatus::{Complete, Denied, Skipped};
        check(&collected(&[("a", Complete)], &[], false), 0, "");
        let gap = [("a//sagemaker:ListModels", GapReason::AccessDenied)];
        check(&collected(&[("a", Denied)], &gap, false), 3, "denied: sagemaker:ListModels in a; see");
        let two = [("a", Denied), ("b", Denied)];
        check(&collected(&two, &gap, false), 3, "2 scopes, the first is denied: sagemaker:ListModels in a");
        check(&collected(&[("a", Complete), ("b", Skipped)], &[], true), 6, "1 of 2 scopes are left");
        check(&collected(&[("a", Complete)], &[("x", GapReason::Unreachable)], false), 3, "x: said no");
    }

    #[test]
    fn words() {
        use ScopeStatus::{Complete, Denied, Throttled};
        let scopes = [scope("a", Complete), scope("b", Denied), scope("c", Throttled), scope("d", Denied)];
        assert_eq!(scopes_in_words(&scopes), "1 of 4 scopes are complete, 2 denied, 1 throttled.");
        assert_eq!(scopes_in_words(&[]), "The source did not say what there is to look at.");
        let spent = Spent { calls: 1_204, retries: 3, throttled: 2, bytes: 1_400_000, cost_microusd: 4_000 };
        assert_eq!(spent_in_words(&spent), "1,204 calls (3 again, 2 throttled), 1.4 MB, $0.004.");
        assert_eq!(spent_in_words(&Spent::default()), "0 calls, 0 B.");
        assert_eq!(spent_in_words(&Spent { calls: 1, ..Spent::default() }), "1 call, 0 B.");
    }
}
