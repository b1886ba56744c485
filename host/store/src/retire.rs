//! What becomes of the observations of a source when it is looked at again. Pure: digests in, decisions out.
//!
//! An observation is what one plugin said of one file. It stands as long as the plugin says the same; it is replaced
//! when the plugin says something else; it is closed when the file was looked at, or its folder listed, and the plugin
//! no longer says anything. Where nobody looked ([`Unseen`]) it stands as *unseen*. When too much would close at once
//! it stands as *missing* until another look confirms it.

use crate::query::Standing;
use inventar_model::{AssetRef, Digest, FileReport, PluginId, Retirement, Unseen};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// An observation that stood before this run, without its payload.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) id: i64,
    pub(crate) plugin: PluginId,
    pub(crate) path: String,
    pub(crate) content: Digest,
    pub(crate) report: Digest,
    pub(crate) standing: Standing,
    pub(crate) since: Option<i64>,
    /// The plugin, its settings and its claims when it last confirmed this.
    pub(crate) confirmed_by: Option<Digest>,
}

/// What this run says of one (plugin, file).
#[derive(Debug, Clone)]
pub(crate) struct Fresh<'a> {
    pub(crate) report: Cow<'a, FileReport>,
    /// Of its payload; the text is made again for the few that are written.
    pub(crate) digest: Digest,
    /// The file is also unseen for this plugin: what it says comes on top of what it said before.
    pub(crate) partial: bool,
}

pub(crate) type Key<'a> = (&'a PluginId, &'a str);

/// This run as far as retirement is concerned.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    pub(crate) run: i64,
    pub(crate) first: bool,
    /// Stopped by a person: confirms nothing.
    pub(crate) interrupted: bool,
    pub(crate) confirm_gone: bool,
    pub(crate) unseen: &'a [Unseen],
    pub(crate) detectors: HashMap<&'a PluginId, Digest>,
    /// The detectors of the run before.
    pub(crate) detectors_before: HashMap<PluginId, Digest>,
}

/// The decisions. Indexes point into the open observations.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// Rows of which only the columns beside the report change.
    pub(crate) update: Vec<Update>,
    pub(crate) close: Vec<Close>,
    pub(crate) open: Vec<New<'a>>,
    /// They stand because nobody looked.
    pub(crate) unseen: Vec<usize>,
    /// They stand until their retirement is confirmed.
    pub(crate) missing: Vec<usize>,
    /// Confirmed in part only.
    pub(crate) partial: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Update {
    pub(crate) id: i64,
    pub(crate) content: Digest,
    pub(crate) standing: Standing,
    pub(crate) since: Option<i64>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) at: usize,
    pub(crate) reason: Retirement,
    /// The file is no longer reported at all, for the first time: may wait for confirmation.
    pub(crate) vanished: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct New<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) reason: Retirement,
    pub(crate) standing: Standing,
}

impl Plan<'_> {
    /// How many observations stand that this run did not confirm in full.
    pub(crate) fn unconfirmed(&self) -> u64 {
        (self.unseen.len() + self.missing.len()) as u64 + self.partial
    }

    /// The observations that stand without being confirmed.
    pub(crate) fn kept(&self) -> impl Iterator<Item = usize> {
        self.unseen.iter().chain(&self.missing).copied()
    }

    /// Keeps what vanished for the first time because the source changed: it waits for confirmation.
    pub(crate) fn hold(&mut self, open: &[Open], look: &Look<'_>) {
        let (wait, close) = std::mem::take(&mut self.close).into_iter().partition(Close::may_wait);
        self.close = close;
        let wait: Vec<Close> = wait;
        for Close { at, .. } in wait {
            stand(&mut self.update, &open[at], Standing::Missing, look);
            self.missing.push(at);
        }
    }
}

impl Close {
    pub(crate) fn may_wait(&self) -> bool {
        self.vanished && self.reason == Retirement::Source
    }
}

/// Decides for every observation, old and new.
pub(crate) fn plan<'a>(open: &[Open], fresh: &BTreeMap<Key<'a>, Fresh<'a>>, look: &Look<'_>) -> Plan<'a> {
    let covered = Covered::new(look.unseen);
    let contents_now: HashMap<&str, Digest> =
        fresh.iter().map(|((_, path), f)| (*path, f.report.content)).collect();
    let contents_before: HashMap<&str, Digest> = open.iter().map(|o| (o.path.as_str(), o.content)).collect();
    let known: HashSet<Key<'_>> = open.iter().map(|o| (&o.plugin, o.path.as_str())).collect();
    let mut plan = Plan::default();

    for (at, old) in open.iter().enumerate() {
        let reason = || {
            let same_detector =
                old.confirmed_by.is_some() && old.confirmed_by == look.detectors.get(&old.plugin).copied();
            because(same_detector, Some(old.content), contents_now.get(old.path.as_str()).copied())
        };
        match fresh.get(&(&old.plugin, old.path.as_str())) {
            Some(new) if new.digest == old.report => {
                let standing = if new.partial { Standing::Unseen } else { Standing::Seen };
                plan.partial += u64::from(new.partial);
                if old.content != new.report.content || old.standing != standing {
                    let since = if new.partial { old.since.or(Some(look.run)) } else { None };
                    plan.update.push(Update { id: old.id, content: new.report.content, standing, since });
                }
            }
            Some(_) => plan.close.push(Close { at, reason: reason(), vanished: false }),
            None if old.standing == Standing::Missing => {
                let looked = !look.interrupted && !covered.covers(&old.plugin, &old.path);
                if looked || look.confirm_gone {
                    plan.close.push(Close { at, reason: Retirement::Source, vanished: false });
                } else {
                    plan.missing.push(at);
                }
            }
            None if covered.covers(&old.plugin, &old.path) => {
                stand(&mut plan.update, old, Standing::Unseen, look);
                plan.unseen.push(at);
            }
            None => plan.close.push(Close { at, reason: reason(), vanished: true }),
        }
    }

    let replaced: HashMap<Key<'_>, Retirement> =
        plan.close.iter().map(|c| ((&open[c.at].plugin, open[c.at].path.as_str()), c.reason)).collect();
    for (key, new) in fresh {
        let reason = match replaced.get(key) {
            Some(reason) => *reason,
            None if known.contains(key) => continue,
            None if look.first => Retirement::Source,
            None => {
                let now = look.detectors.get(key.0).copied();
                let same_detector = now.is_some() && now == look.detectors_before.get(key.0).copied();
                because(same_detector, contents_before.get(key.1).copied(), Some(new.report.content))
            }
        };
        let standing = if new.partial { Standing::Unseen } else { Standing::Seen };
        plan.partial += u64::from(new.partial);
        plan.open.push(New { key: *key, reason, standing });
    }
    plan
}

/// Writes down that an observation stands without being confirmed, unless that is already written.
fn stand(update: &mut Vec<Update>, old: &Open, standing: Standing, look: &Look<'_>) {
    if old.standing != standing {
        let since = old.since.or(Some(look.run));
        update.push(Update { id: old.id, content: old.content, standing, since });
    }
}

/// With the same detector only the source can have changed it. With another one, the source did if the file is known
/// to differ; of an unchanged or unknown file we say that the detector did, for the world may be the same.
fn because(same_detector: bool, before: Option<Digest>, now: Option<Digest>) -> Retirement {
    match (before, now) {
        _ if same_detector => Retirement::Source,
        (Some(before), Some(now)) if before != now => Retirement::Source,
        _ => Retirement::Detector,
    }
}

/// What a plugin says of a file that it could not finish, on top of what it said before. Doing it twice changes
/// nothing more.
pub(crate) fn on_top(old: inventar_model::Report, new: &FileReport) -> FileReport {
    let mut report = old;
    // Gaps speak of the look, not of the file.
    report.gaps.clear();
    // An edge that is said anew is said with its own properties.
    let said: HashSet<String> = new.report.relations.iter().map(ends).collect();
    report.relations.retain(|relation| !said.contains(&ends(relation)));
    let mut report = report.linked_with(new.report.clone());
    keep_first(&mut report.relations);
    keep_first(&mut report.findings);
    FileReport { report, ..new.clone() }
}

/// What makes an edge the same edge.
fn ends(relation: &inventar_model::ReportedRelation) -> String {
    let end = |reference: &AssetRef| match reference {
        AssetRef::Local { path, key } => format!("{path}\0{key}"),
        AssetRef::Identifier(identifier) => format!("\0{identifier}"),
    };
    format!("{}\n{}\n{}", end(&relation.source), relation.kind, end(&relation.target))
}

fn keep_first<T: PartialEq>(items: &mut Vec<T>) {
    let mut at = 0;
    while at < items.len() {
        if items[..at].contains(&items[at]) {
            items.remove(at);
        } else {
            at += 1;
        }
    }
}

/// [`Unseen::covers`] for many places at once: asks the file and each of its folders instead of every place.
pub(crate) struct Covered<'a> {
    by_path: HashMap<&'a str, Vec<Option<&'a PluginId>>>,
}

impl<'a> Covered<'a> {
    pub(crate) fn new(unseen: &'a [Unseen]) -> Self {
        let mut by_path: HashMap<&str, Vec<Option<&PluginId>>> = HashMap::new();
        for place in unseen {
            by_path.entry(&place.path).or_default().push(place.plugin.as_ref());
        }
        Self { by_path }
    }

    pub(crate) fn covers(&self, plugin: &PluginId, path: &str) -> bool {
        if self.by_path.is_empty() {
            return false;
        }
        let listed = |place: &str| {
            self.by_path
                .get(place)
                .is_some_and(|plugins| plugins.iter().any(|mine| mine.is_none_or(|mine| mine == plugin)))
        };
        listed("") || listed(path) || path.match_indices('/').any(|(at, _)| listed(&path[..=at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plugin(name: &str) -> PluginId {
        PluginId::new(name).unwrap()
    }

    proptest! {
        #[test]
        fn covered_is_the_models_rule(
            places in proptest::collection::vec(("[ab/]{0,4}", proptest::option::of("[ab]")), 0..5),
            path in "[ab/]{0,5}",
        ) {
            let unseen: Vec<Unseen> = places
                .into_iter()
                .map(|(path, name)| Unseen { path, plugin: name.map(|name| plugin(&format!("x/{name}"))) })
                .collect();
            let asker = plugin("x/a");
            let expected = unseen.iter().any(|place| place.covers(&asker, &path));
            prop_assert_eq!(Covered::new(&unseen).covers(&asker, &path), expected);
        }
    }

    #[test]
    fn reasons() {
        let (a, b) = (Some(Digest::of(b"a")), Some(Digest::of(b"b")));
        let check = |same, before, now, expected| {
            assert_eq!(because(same, before, now), expected, "{same} {before:?} {now:?}")
        };
        check(true, a, a, Retirement::Source);
        check(true, a, None, Retirement::Source);
        check(false, a, b, Retirement::Source);
        check(false, a, a, Retirement::Detector);
        check(false, a, None, Retirement::Detector);
        check(false, None, b, Retirement::Detector);
    }
}
