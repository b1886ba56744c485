//! The merge rule: who is who inside one source.

use crate::asset::{Asset, Finding, Relation, Target, Uid};
use crate::evidence::{Confidence, Evidence, Usage};
use crate::gap::CoverageGap;
use crate::identifier::Identifier;
use crate::inventory::{Inventory, StampedGap};
use crate::kind::{AssetKind, RelationKind};
use crate::name::{PluginId, SourceName};
use crate::property::{Property, Value};
use crate::report::{AssetRef, FileReport, Sighting};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An identifier that more assets than this share says too little to draw edges to all of them.
const MAX_TARGETS: usize = 16;

/// A sighting with its place in the world.
#[derive(Clone, Copy)]
struct Placed<'a> {
    file: &'a FileReport,
    sighting: &'a Sighting,
}

/// How to find the asset of a reference.
#[derive(Default)]
struct Directory<'a> {
    by_place: HashMap<(&'a PluginId, &'a str, &'a str), Uid>,
    by_identifier: HashMap<&'a Identifier, Vec<Uid>>,
}

pub(crate) fn merge(source: &SourceName, mut reports: Vec<&FileReport>, gaps: Vec<&StampedGap>) -> Inventory {
    reports.sort_by(|a, b| (&a.plugin, &a.path).cmp(&(&b.plugin, &b.path)));

    let mut gaps: BTreeSet<StampedGap> = gaps.into_iter().cloned().collect();
    let mut placed = Vec::new();
    for file in &reports {
        placed.extend(file.report.assets.iter().map(|sighting| Placed { file, sighting }));
        let stamped = |gap: &CoverageGap| StampedGap { gap: gap.clone(), plugin: Some(file.plugin.clone()) };
        gaps.extend(file.report.gaps.iter().map(stamped));
    }
    let (assets, directory) = merge_sightings(source, &placed);
    let relations = merge_relations(&reports, &directory);
    let findings = merge_findings(&reports, &directory);
    Inventory { source: source.clone(), assets, relations, findings, gaps: gaps.into_iter().collect() }
}

fn merge_relations(reports: &[&FileReport], directory: &Directory<'_>) -> Vec<Relation> {
    let mut edges: BTreeMap<(Uid, &RelationKind, Target), (Vec<Property>, Vec<&Evidence>)> = BTreeMap::new();
    for file in reports {
        for relation in &file.report.relations {
            for from in directory.assets(&file.plugin, &relation.source) {
                for target in directory.targets(&file.plugin, &relation.target) {
                    if target == Target::Asset(from) {
                        continue;
                    }
                    let (properties, evidence) = edges.entry((from, &relation.kind, target)).or_default();
                    add_properties(properties, &relation.properties);
                    evidence.extend(&relation.evidence);
                }
            }
        }
    }
    let relation = |((source, kind, target), (properties, evidence))| Relation {
        source,
        kind: RelationKind::clone(kind),
        target,
        properties,
        evidence: tidy(evidence),
    };
    edges.into_iter().map(relation).collect()
}

fn merge_findings(reports: &[&FileReport], directory: &Directory<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in reports {
        for finding in &file.report.findings {
            let mut about: Vec<Target> =
                finding.about.iter().flat_map(|about| directory.targets(&file.plugin, about)).collect();
            about.sort();
            about.dedup();
            let mut properties = Vec::new();
            add_properties(&mut properties, &finding.properties);
            findings.push(Finding {
                rule: finding.rule.clone(),
                severity: finding.severity,
                title: finding.title.clone(),
                about,
                properties,
                evidence: tidy(finding.evidence.iter().collect()),
                plugin: file.plugin.clone(),
            });
        }
    }
    findings.sort_by(|a, b| {
        (b.severity, &a.rule, &a.evidence, &a.title, &a.plugin, &a.about).cmp(&(
            a.severity,
            &b.rule,
            &b.evidence,
            &b.title,
            &b.plugin,
            &b.about,
        ))
    });
    findings.dedup();
    findings
}

/// Groups sightings by kind and shared identifiers, and makes each group an asset.
fn merge_sightings<'a>(source: &SourceName, placed: &[Placed<'a>]) -> (Vec<Asset>, Directory<'a>) {
    let mut groups = Groups::new(placed.len());
    let mut first_with: HashMap<(&AssetKind, &Identifier), usize> = HashMap::new();
    let mut first_at: HashMap<(&AssetKind, &PluginId, &str, &str), usize> = HashMap::new();
    for (at, Placed { file, sighting }) in placed.iter().enumerate() {
        for identifier in sighting.identifiers.iter().filter(|identifier| identifier.identifies()) {
            let first = *first_with.entry((&sighting.kind, identifier)).or_insert(at);
            groups.join(first, at);
        }
        let place = (&sighting.kind, &file.plugin, file.path.as_str(), sighting.key.as_str());
        groups.join(*first_at.entry(place).or_insert(at), at);
    }

    let mut members: BTreeMap<usize, Vec<Placed<'a>>> = BTreeMap::new();
    for (at, placed) in placed.iter().enumerate() {
        members.entry(groups.root(at)).or_default().push(*placed);
    }

    let mut directory = Directory::default();
    let mut assets = Vec::with_capacity(members.len());
    for members in members.values() {
        let identifiers: BTreeSet<&Identifier> =
            members.iter().flat_map(|member| &member.sighting.identifiers).collect();
        let mut identifiers: Vec<&Identifier> = identifiers.into_iter().collect();
        identifiers.sort_by(|a, b| (a.rank(), a).cmp(&(b.rank(), b)));
        let asset = one_asset(source, members, &identifiers);
        for Placed { file, sighting } in members {
            directory.by_place.insert((&file.plugin, &file.path, &sighting.key), asset.uid);
        }
        for identifier in identifiers {
            directory.by_identifier.entry(identifier).or_default().push(asset.uid);
        }
        assets.push(asset);
    }
    for uids in directory.by_identifier.values_mut() {
        uids.sort();
    }
    assets.sort_by(|a, b| {
        (a.kind.rank(), &a.kind, &a.name, a.uid).cmp(&(b.kind.rank(), &b.kind, &b.name, b.uid))
    });
    (assets, directory)
}

/// Joins the members of one group. What they disagree on is decided by the best-founded member.
fn one_asset(source: &SourceName, members: &[Placed<'_>], identifiers: &[&Identifier]) -> Asset {
    let mut ranked = members.to_vec();
    ranked.sort_by_cached_key(|Placed { file, sighting }| {
        let (usage, confidence) = strength(sighting);
        let depth = file.path.matches('/').count();
        (usage, std::cmp::Reverse(confidence), depth, &file.path, &file.plugin, &sighting.key)
    });
    let Placed { file, sighting: best } = ranked[0];
    let identity = match identifiers.iter().find(|identifier| identifier.identifies()) {
        Some(identifier) => identifier.to_string(),
        None => format!("{}\0{}\0{}", file.plugin, file.path, best.key),
    };

    let version = ranked
        .iter()
        .filter_map(|member| member.sighting.version.as_ref())
        .min_by_key(|version| match version {
            Version::Exact(_) => 0,
            Version::Range(_) => 1,
            Version::Floating(_) => 2,
        })
        .cloned();
    let mut properties = Vec::new();
    for member in &ranked {
        add_properties(&mut properties, &member.sighting.properties);
    }
    let exact: BTreeSet<&str> =
        members.iter().filter_map(|member| member.sighting.version.as_ref()?.exact()).collect();
    if exact.len() > 1 {
        let value = Value::Texts(exact.into_iter().map(str::to_owned).collect());
        add_properties(&mut properties, &[Property { name: "versions".into(), value }]);
    }

    let plugins: BTreeSet<&PluginId> = members.iter().map(|member| &member.file.plugin).collect();
    Asset {
        uid: Uid::of(source, &best.kind, &identity),
        kind: best.kind.clone(),
        name: best.name.clone(),
        version,
        identifiers: identifiers.iter().copied().cloned().collect(),
        properties,
        evidence: tidy(ranked.iter().flat_map(|member| &member.sighting.evidence).collect()),
        plugins: plugins.into_iter().cloned().collect(),
    }
}

fn strength(sighting: &Sighting) -> (Usage, Confidence) {
    let usage = sighting.evidence.iter().map(|evidence| evidence.usage).min().unwrap_or(Usage::Mentioned);
    let confidence = sighting.evidence.iter().map(|e| e.confidence).max().unwrap_or(Confidence::new(0));
    (usage, confidence)
}

/// Adds what is new by name; lists of texts are joined, anything else keeps the first value.
fn add_properties(mine: &mut Vec<Property>, more: &[Property]) {
    for property in more {
        match mine.binary_search_by(|have| have.name.cmp(&property.name)) {
            Err(at) => mine.insert(at, property.clone()),
            Ok(at) => {
                if let (Value::Texts(have), Value::Texts(add)) = (&mut mine[at].value, &property.value) {
                    have.extend(add.iter().cloned());
                    have.sort();
                    have.dedup();
                }
            }
        }
    }
}

/// Strongest usage first, then by place; each once.
fn tidy(mut evidence: Vec<&Evidence>) -> Vec<Evidence> {
    evidence.sort_by(|a, b| (a.usage, a).cmp(&(b.usage, b)));
    evidence.dedup();
    evidence.into_iter().cloned().collect()
}

impl Directory<'_> {
    fn assets(&self, plugin: &PluginId, reference: &AssetRef) -> Vec<Uid> {
        match reference {
            AssetRef::Local { path, key } => {
                self.by_place.get(&(plugin, path.as_str(), key.as_str())).copied().into_iter().collect()
            }
            AssetRef::Identifier(identifier) => {
                self.by_identifier.get(identifier).into_iter().flatten().copied().take(MAX_TARGETS).collect()
            }
        }
    }

    fn targets(&self, plugin: &PluginId, reference: &AssetRef) -> Vec<Target> {
        let found: Vec<Target> = self.assets(plugin, reference).into_iter().map(Target::Asset).collect();
        match reference {
            AssetRef::Identifier(identifier) if found.is_empty() => {
                vec![Target::Unresolved(identifier.clone())]
            }
            _ => found,
        }
    }
}

/// Disjoint sets; the root of a set is its smallest member, so the order of joins does not matter.
struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn new(n: usize) -> Self {
        Self { parent: (0..n).collect() }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parent[high] = low;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Method, Place};
    use crate::report::{Report, ReportedRelation};
    use crate::{Confidence, RelationKind};

    fn sighting(key: &str, kind: &str, ids: &[(&str, &str)], path: &str, usage: Usage) -> Sighting {
        Sighting {
            key: key.into(),
            kind: AssetKind::new(kind).unwrap(),
            name: key.into(),
            version: None,
            identifiers: ids.iter().map(|(s, v)| Identifier::new(*s, *v).unwrap()).collect(),
            properties: vec![],
            evidence: vec![Evidence {
                place: Place::File { path: path.into(), start_byte: 0, end_byte: 1, line: 1 },
                rule: "r".into(),
                method: Method::Parsed,
                usage,
                confidence: Confidence::new(90),
                snippet: None,
            }],
        }
    }

    fn file(plugin: &str, path: &str, assets: Vec<Sighting>) -> FileReport {
        FileReport {
            plugin: PluginId::new(plugin).unwrap(),
            path: path.into(),
            content: crate::Digest::of(b""),
            report: Report { assets, ..Report::default() },
        }
    }

    fn source() -> SourceName {
        SourceName::new("test").unwrap()
    }

    #[test]
    fn declared_locked_and_imported_is_one_asset() {
        let purl = [("purl", "pkg:pypi/openai")];
        let mut locked = sighting("openai", "sdk", &purl, "uv.lock", Usage::Runtime);
        locked.version = Some(Version::Exact("1.40.0".into()));
        let mut declared = sighting("openai", "sdk", &purl, "pyproject.toml", Usage::Runtime);
        declared.version = Some(Version::Range(">=1".into()));
        let inventory = Inventory::merge(
            &source(),
            &[
                file("a/packages", "pyproject.toml", vec![declared]),
                file("a/packages", "uv.lock", vec![locked]),
                file("a/python", "t/x.py", vec![sighting("i", "sdk", &purl, "t/x.py", Usage::Test)]),
            ],
            &[],
        );
        let [asset] = inventory.assets.as_slice() else { panic!("{:?}", inventory.assets) };
        assert_eq!(asset.name, "openai");
        assert_eq!(asset.version, Some(Version::Exact("1.40.0".into())));
        assert_eq!(asset.usage(), Usage::Runtime);
        assert_eq!(asset.evidence.len(), 3);
        assert_eq!(asset.plugins.len(), 2);
    }

    #[test]
    fn kinds_and_joining_identifiers_do_not_merge() {
        let inventory = Inventory::merge(
            &source(),
            &[
                file(
                    "a/x",
                    "a",
                    vec![sighting("1", "model-artifact", &[("path", "w")], "a", Usage::Runtime)],
                ),
                file(
                    "a/y",
                    "b",
                    vec![sighting("2", "model-artifact", &[("path", "w")], "b", Usage::Runtime)],
                ),
                file("a/y", "c", vec![sighting("2", "config", &[("hf", "a/b")], "c", Usage::Runtime)]),
                file("a/y", "d", vec![sighting("2", "dataset", &[("hf", "a/b")], "d", Usage::Runtime)]),
            ],
            &[],
        );
        assert_eq!(inventory.assets.len(), 4);
    }

    #[test]
    fn relations_find_local_and_foreign_targets_and_keep_unknown_ones() {
        let relation = |target: AssetRef| ReportedRelation {
            source: AssetRef::Local { path: "x.py".into(), key: "agent".into() },
            kind: RelationKind::new("uses").unwrap(),
            target,
            properties: vec![],
            evidence: vec![],
        };
        let mut python =
            file("a/python", "x.py", vec![sighting("agent", "agent", &[], "x.py", Usage::Runtime)]);
        python.report.relations = vec![
            relation(AssetRef::Identifier(Identifier::new("env", "OPENAI_API_KEY").unwrap())),
            relation(AssetRef::Identifier(Identifier::new("import", "python:nowhere").unwrap())),
            relation(AssetRef::Local { path: "x.py".into(), key: "missing".into() }),
        ];
        let env = file(
            "a/config",
            ".env",
            vec![sighting("k", "secret-reference", &[("env", "OPENAI_API_KEY")], ".env", Usage::Runtime)],
        );
        let inventory = Inventory::merge(&source(), &[python, env], &[]);
        assert_eq!(inventory.relations.len(), 2);
        assert!(inventory.relations.iter().any(|relation| matches!(relation.target, Target::Asset(_))));
        assert!(inventory.relations.iter().any(|relation| matches!(relation.target, Target::Unresolved(_))));
    }

    #[test]
    fn order_does_not_matter() {
        let reports: Vec<FileReport> = (0..12)
            .map(|n| {
                let ids = [("purl", format!("pkg:pypi/p{}", n % 4)), ("hf", format!("o/m{}", n % 3))];
                let ids: Vec<(&str, &str)> = ids.iter().map(|(s, v)| (*s, v.as_str())).collect();
                let path = format!("f{n}");
                file(
                    "a/p",
                    &path,
                    vec![sighting(&format!("k{n}"), "sdk", &ids[..1 + n % 2], &path, Usage::Runtime)],
                )
            })
            .collect();
        let forward = Inventory::merge(&source(), &reports, &[]);
        let backward = Inventory::merge(&source(), reports.iter().rev(), &[]);
        assert_eq!(forward, backward);
    }
}
