//! What the new inventory changes in the rows of assets, and how that is told.

use super::load::{self, AssetHead};
use super::{HashMap, HashSet, Inventory, Look, Plan, StoreError, Uid, View};
use crate::delta::{self, Reasons};
use crate::document::Document;
use crate::error::Blame;
use crate::query::{FieldChange, Standing};
use inventar_model::{
    Asset, AssetKind, ChangeKind, Digest, Evidence, Relation, Retirement, RunDelta, Target,
};
use sqlx::SqliteConnection;

/// Rows to write, and nothing else.
pub(super) struct Changes<'a> {
    /// New assets, returned ones, and those that differ.
    pub(super) writes: Vec<AssetWrite<'a>>,
    /// Assets of which only the standing differs.
    pub(super) stand: Vec<(i64, Standing, Option<i64>)>,
    pub(super) gone: Vec<Gone>,
    /// The rows of all assets that stand.
    pub(super) ids: HashMap<Uid, i64>,
    kept: u64,
    held: u64,
}

/// A row to write.
pub(super) struct AssetWrite<'a> {
    pub(super) id: i64,
    /// There was no such row.
    pub(super) is_new: bool,
    pub(super) asset: &'a Asset,
    /// Of its document; the text is made again when it is written.
    pub(super) digest: Digest,
    pub(super) relations: Vec<&'a Relation>,
    pub(super) relations_digest: Digest,
    pub(super) standing: Standing,
    pub(super) since: Option<i64>,
    /// The run that last changed it in a way that is told.
    pub(super) changed_run: i64,
    /// None: it only moved inside its files.
    pub(super) change: Option<Told>,
}

/// A change as history tells it.
pub(super) struct Told {
    pub(super) kind: ChangeKind,
    pub(super) reason: Retirement,
    pub(super) fields: Vec<FieldChange>,
}

pub(super) struct Gone {
    pub(super) id: i64,
    pub(super) asset: Asset,
    pub(super) reason: Retirement,
}

impl Changes<'_> {
    pub(super) fn delta(&self, first: bool) -> RunDelta {
        let written = self.writes.iter().filter_map(|write| {
            let told = write.change.as_ref()?;
            Some(delta::change(write.asset, told.kind, told.reason, &told.fields))
        });
        let gone =
            self.gone.iter().map(|gone| delta::change(&gone.asset, ChangeKind::Gone, gone.reason, &[]));
        let mut changes: Vec<_> = written.chain(gone).collect();
        delta::sort(&mut changes);
        RunDelta { first, changes, kept: self.kept, held: (self.held > 0).then_some(self.held) }
    }
}

pub(super) async fn compare<'a>(
    db: &mut SqliteConnection,
    blame: &Blame,
    look: &Look<'_>,
    view: &View<'_>,
    plan: &Plan<'_>,
    before: Vec<AssetHead>,
    inventory: &'a Inventory,
) -> Result<Changes<'a>, StoreError> {
    let standings = Standings::new(view, plan);
    let mut relations_of: HashMap<Uid, Vec<&Relation>> = HashMap::new();
    for relation in &inventory.relations {
        relations_of.entry(relation.source).or_default().push(relation);
    }
    let mut heads: HashMap<Uid, AssetHead> = before.into_iter().map(|head| (head.uid, head)).collect();
    let mut next = load::next_asset(db, blame).await?;
    let mut changes =
        Changes { writes: vec![], stand: vec![], gone: vec![], ids: HashMap::new(), kept: 0, held: 0 };
    // Rows that differ, by position in `changes.writes`.
    let mut differing: Vec<(usize, AssetHead)> = Vec::new();

    for asset in &inventory.assets {
        let digest = Document::of_asset(asset).digest;
        let relations = relations_of.remove(&asset.uid).unwrap_or_default();
        let relations_digest = digest_of(&relations);
        let standing = standings.of(asset);
        changes.kept += u64::from(standing == Standing::Unseen);
        changes.held += u64::from(standing == Standing::Missing);
        let head = heads.remove(&asset.uid);
        let was_standing = head.as_ref().map_or(Standing::Seen, |head| head.standing);
        let since = match (standing, was_standing) {
            (Standing::Seen, _) => None,
            (_, Standing::Seen | Standing::Gone) => Some(look.run),
            (_, Standing::Unseen | Standing::Missing) => head.as_ref().and_then(|head| head.since),
        };
        let id = head.as_ref().map_or(next, |head| head.id);
        next += i64::from(head.is_none());
        changes.ids.insert(asset.uid, id);
        let mut write = AssetWrite {
            id,
            is_new: head.is_none(),
            asset,
            digest,
            relations,
            relations_digest,
            standing,
            since,
            changed_run: look.run,
            change: None,
        };
        match head.filter(|head| head.present) {
            None => {
                write.change =
                    Some(Told { kind: ChangeKind::New, reason: Retirement::Source, fields: vec![] })
            }
            Some(head) if head.digest == digest && head.relations_digest == relations_digest => {
                if head.standing != standing {
                    changes.stand.push((id, standing, since));
                }
                continue;
            }
            Some(head) => {
                write.changed_run = head.changed_run;
                differing.push((changes.writes.len(), head));
            }
        }
        changes.writes.push(write);
    }
    let gone: Vec<AssetHead> = heads.into_values().filter(|head| head.present).collect();

    let reasons = reasons(view, plan);
    let mut ids: Vec<i64> =
        differing.iter().map(|(_, head)| head.id).chain(gone.iter().map(|head| head.id)).collect();
    ids.sort_unstable();
    let mut old = load::old_assets(db, blame, &ids).await?;
    let rewired: Vec<i64> = differing
        .iter()
        .filter(|(at, head)| changes.writes[*at].relations_digest != head.relations_digest)
        .map(|(_, head)| head.id)
        .collect();
    let old_relations = load::old_relations(db, blame, &rewired).await?;

    for (at, head) in differing {
        let write = &mut changes.writes[at];
        let Some(was) = old.remove(&head.id) else { continue };
        let mut fields = delta::fields(&was, write.asset);
        if write.relations_digest != head.relations_digest {
            let was: Vec<&Relation> = old_relations.get(&head.id).into_iter().flatten().collect();
            delta::add_relations(&mut fields, &was, &write.relations);
        }
        if !fields.is_empty() {
            let reason = reasons.of(Some(&was), Some(write.asset));
            write.changed_run = look.run;
            write.change = Some(Told { kind: ChangeKind::Changed, reason, fields });
        }
    }
    for write in &mut changes.writes {
        if let Some(Told { kind: ChangeKind::New, reason, .. }) = &mut write.change {
            *reason = reasons.of(None, Some(write.asset));
        }
    }
    for head in gone {
        let Some(asset) = old.remove(&head.id) else { continue };
        changes.gone.push(Gone { id: head.id, reason: reasons.of(Some(&asset), None), asset });
    }
    changes.gone.sort_by_key(|gone| gone.id);
    Ok(changes)
}

fn reasons(view: &View<'_>, plan: &Plan<'_>) -> Reasons {
    let mut reasons = Reasons::default();
    for close in &plan.close {
        if let Some(report) = view.old.get(&close.at) {
            reasons.add(report, close.reason);
        }
    }
    for new in &plan.open {
        if let Some(fresh) = view.fresh.get(&new.key) {
            reasons.add(&fresh.report.report, new.reason);
        }
    }
    reasons
}

fn digest_of(relations: &[&Relation]) -> Digest {
    let mut parts = Vec::with_capacity(relations.len() * 4);
    for relation in relations {
        parts.push(relation.kind.as_str().to_owned());
        parts.push(match &relation.target {
            Target::Asset(uid) => format!("asset {uid}"),
            Target::Unresolved(identifier) => format!("unresolved {identifier}"),
        });
        parts.push(Document::of_relation(relation).text);
    }
    Digest::of_parts(parts.iter().map(|part| part.as_bytes()))
}

type EvidenceByKind<'a> = HashMap<&'a AssetKind, HashSet<&'a Evidence>>;

/// How well each asset is known to be still there: an asset is as well known as the best of its evidence.
struct Standings<'a> {
    /// Everything was looked at: everything is seen.
    all_seen: bool,
    fresh: EvidenceByKind<'a>,
    missing: EvidenceByKind<'a>,
}

impl<'a> Standings<'a> {
    fn new(view: &View<'a>, plan: &Plan<'_>) -> Self {
        let mut standings =
            Self { all_seen: plan.unconfirmed() == 0, fresh: HashMap::new(), missing: HashMap::new() };
        if !standings.all_seen {
            for report in &view.run.reports {
                add(&mut standings.fresh, &report.report);
            }
            for report in plan.missing.iter().filter_map(|at| view.old.get(at)) {
                add(&mut standings.missing, report);
            }
        }
        standings
    }

    fn of(&self, asset: &Asset) -> Standing {
        let is_in = |known: &EvidenceByKind<'_>, evidence: &Evidence| {
            known.get(&asset.kind).is_some_and(|known| known.contains(evidence))
        };
        if self.all_seen || asset.evidence.is_empty() || asset.evidence.iter().any(|e| is_in(&self.fresh, e))
        {
            Standing::Seen
        } else if asset.evidence.iter().all(|evidence| is_in(&self.missing, evidence)) {
            Standing::Missing
        } else {
            Standing::Unseen
        }
    }
}

fn add<'a>(known: &mut EvidenceByKind<'a>, report: &'a inventar_model::Report) {
    for sighting in &report.assets {
        known.entry(&sighting.kind).or_default().extend(&sighting.evidence);
    }
}
