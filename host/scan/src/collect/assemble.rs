//! From committed slices to a run: one observation per asset of a scope, gaps with their scope, what is unseen. Pure.

use super::Who;
use super::schedule::ProbeOutcome;
use super::status::{reason, weigh};
use crate::wire;
use inventar_model::{
    AssetRef, CoverageGap, Digest, Evidence, FileReport, Gap, GapReason, Gathered, GatheredScope,
    OperationUse, Place, PluginUse, Report, Run, RunStatus, Scope, ScopeRun, ScopeStatus, SourceName, Spent,
    StampedGap, Timestamp, Unseen,
};
use std::collections::{BTreeMap, HashSet};

pub(super) struct Assembled {
    pub(super) run: Run,
    pub(super) scopes: Vec<ScopeRun>,
    pub(super) spent: Spent,
    pub(super) used: Vec<OperationUse>,
    pub(super) budget_spent: bool,
}

pub(super) fn assemble(
    source: &SourceName,
    who: &Who,
    gathered: Gathered,
    probe: &ProbeOutcome,
    started: Timestamp,
    ended: Timestamp,
) -> Assembled {
    let mut reports = Vec::new();
    let mut gaps = Vec::new();
    let mut unseen = Vec::new();
    let mut scopes = Vec::new();
    let mut guest_micros = 0_u64;
    let plugin = || Some(who.id.clone());

    for gathered in gathered.scopes {
        guest_micros = guest_micros.saturating_add(gathered.guest_micros);
        let (run, of_scope, found) = one_scope(who, gathered);
        if run.status != ScopeStatus::Complete {
            unseen.push(Unseen { path: run.scope.prefix(), plugin: plugin() });
        }
        reports.extend(found);
        gaps.extend(of_scope);
        scopes.push(run);
    }
    if let Err(gap) = probe {
        unseen.push(Unseen { path: String::new(), plugin: plugin() });
        gaps.push(gap.clone());
    }
    if !gathered.believed && probe.is_ok() {
        gaps.push(CoverageGap {
            at: "probe".into(),
            reason: GapReason::Other("refused".into()),
            detail: "a call that lists what there is was refused: there may be more scopes than these".into(),
            retriable: true,
        });
    }
    // What a probe that was answered in full does not list is no longer there; of what another one does not list we
    // know nothing.
    if probe.is_err() || !gathered.believed {
        for (scope, _) in gathered.unlisted {
            let (status, detail) = match probe {
                Err(gap) => {
                    (weigh(inventar_model::Ended::Partial, std::slice::from_ref(gap)), gap.detail.clone())
                }
                Ok(()) => {
                    (ScopeStatus::Skipped, "not listed this time, and the listing was refused in part".into())
                }
            };
            let status = if status == ScopeStatus::Partial { ScopeStatus::Skipped } else { status };
            unseen.push(Unseen { path: scope.prefix(), plugin: plugin() });
            scopes.push(ScopeRun { scope, status, detail, seen: 0, spent: Spent::default(), millis: 0 });
        }
    }
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    let mut gaps: Vec<StampedGap> =
        gaps.into_iter().map(|gap| StampedGap { gap, plugin: plugin() }).collect();
    gaps.sort();
    gaps.dedup();
    unseen.sort();
    unseen.dedup();
    scopes.sort_by(|a, b| a.scope.cmp(&b.scope));

    let is_failure = |gap: &StampedGap| gap.gap.class() == Gap::Failure;
    let status = if unseen.is_empty() && !gaps.iter().any(is_failure) {
        RunStatus::Complete
    } else {
        RunStatus::Partial
    };
    let tried = scopes.iter().filter(|run| run.status != ScopeStatus::Skipped).count() as u64;
    let budget_spent = gaps.iter().any(|gap| gap.gap.reason == GapReason::BudgetExhausted);
    let reports_digest = Digest::of(&wire::encode_file_reports(&reports));
    let run = Run {
        source: source.clone(),
        reports,
        reports_digest,
        gaps,
        status,
        revision: None,
        started,
        ended,
        plugins: vec![PluginUse {
            id: who.id.clone(),
            version: who.version.clone(),
            digest: who.digest,
            signed: who.signed,
            files: tried,
            cached: 0,
            guest_micros,
        }],
        files_seen: scopes.len() as u64,
        files_inspected: tried,
        bytes_read: gathered.spent.bytes,
        left_out: vec![],
        unseen,
    };
    Assembled { run, scopes, spent: gathered.spent, used: gathered.used, budget_spent }
}

/// A scope's end, its gaps with their place, and its observations.
fn one_scope(who: &Who, gathered: GatheredScope) -> (ScopeRun, Vec<CoverageGap>, Vec<FileReport>) {
    let GatheredScope { scope, ended, detail, reports, spent, millis, .. } = gathered;
    let ended = ended.unwrap_or(inventar_model::Ended::Partial);
    let mut gaps = Vec::new();
    let mut seen = HashSet::new();
    let mut observations: BTreeMap<String, Report> = BTreeMap::new();
    for mut report in reports {
        gaps.append(&mut report.gaps);
        seen.extend(report.assets.iter().map(|sighting| sighting.key.clone()));
        for (path, part) in by_path(&scope, report) {
            let whole = observations.remove(&path).unwrap_or_default();
            observations.insert(path, whole.linked_with(part));
        }
    }
    if ended == inventar_model::Ended::Partial && gaps.is_empty() {
        gaps.push(CoverageGap {
            at: scope.id.clone(),
            reason: GapReason::Other("partial".into()),
            detail: "the plugin did not list everything and does not say why".into(),
            retriable: true,
        });
    }
    let status = weigh(ended, &gaps);
    let detail = if status == ScopeStatus::Complete { String::new() } else { reason(&detail, &gaps) };
    for gap in &mut gaps {
        if gap.at != scope.id {
            gap.at = scope.path(&gap.at);
        }
    }
    let observations = observations
        .into_iter()
        .map(|(path, report)| FileReport {
            plugin: who.id.clone(),
            // A service has no bytes that stay the same: of a difference after a change of the plugin we cannot know
            // that the world is another.
            content: Digest::of(path.as_bytes()),
            path,
            report,
        })
        .collect();
    (ScopeRun { scope, status, detail, seen: seen.len() as u64, spent, millis }, gaps, observations)
}

/// A slice's rows by the observation they belong to: an asset's own, or the scope's as a whole.
fn by_path(scope: &Scope, report: Report) -> BTreeMap<String, Report> {
    let mut parts: BTreeMap<String, Report> = BTreeMap::new();
    let of = |reference: Option<&AssetRef>| match reference {
        Some(AssetRef::Local { path, .. }) => path.clone(),
        Some(AssetRef::Identifier(_)) | None => scope.path(""),
    };
    for mut sighting in report.assets {
        let path = scope.path(&sighting.key);
        place(&mut sighting.evidence, &path);
        parts.entry(path).or_default().assets.push(sighting);
    }
    for mut relation in report.relations {
        let path = of(Some(&relation.source));
        place(&mut relation.evidence, &path);
        parts.entry(path).or_default().relations.push(relation);
    }
    for mut finding in report.findings {
        let path = of(finding.about.first());
        place(&mut finding.evidence, &path);
        parts.entry(path).or_default().findings.push(finding);
    }
    parts
}

/// The number of an exchange is another one in every run, and means nothing without its record. The place of the object
/// in its scope stays.
fn place(evidence: &mut Vec<Evidence>, path: &str) {
    for evidence in evidence.iter_mut() {
        if matches!(evidence.place, Place::Exchange(_)) {
            evidence.place = Place::Object(path.to_owned());
        }
    }
    evidence.sort();
    evidence.dedup();
}
