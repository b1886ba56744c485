//! Labels and findings, held against each other.

use super::finding::Finding;
use super::label::{Expect, Label, Tier, normalised};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

/// So many lines may lie between a row and a finding that is known by its place.
const NEAR: u64 = 3;

/// Pairs of types that one and the same thing may have.
const ALIKE: &[[&str; 2]] = &[["mcp_server", "mcp_client"], ["provider", "endpoint"]];

/// Where a tree is not labelled, by how its paths begin; what is found there is not counted.
const UNLABELLED: &[(&str, &[&str])] = &[(
    "gpt-researcher",
    &[
        "docs/",
        "tests/",
        "evals/",
        ".triage/",
        "deep_agents/benchmark_results/",
        "deep_agents/benchmark_data/",
        ".claude/references",
        "ISSUE_BACKLOG",
        "README",
        "PR_",
        "deep_agents/BENCHMARK",
        "deep_agents/README",
        "multi_agents/README",
        "backend/report_type/deep_research/README",
        "gpt_researcher/mcp/README",
    ],
)];

/// How good the scan of one tree is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The tree.
    pub tree: String,
    /// By type of asset.
    pub by_type: BTreeMap<String, Figures>,
    /// Everything that is wrong: misses first, then extras, traps, versions and status.
    pub faults: Vec<Fault>,
}

/// Counts that add up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Core rows.
    pub core: u64,
    /// Core rows that were found.
    pub found: u64,
    /// Distinct findings.
    pub reported: u64,
    /// Distinct findings that are labelled.
    pub right: u64,
    /// Traps.
    pub traps: u64,
    /// Traps that were reported.
    pub traps_hit: u64,
    /// Core rows with a version.
    pub versions: u64,
    /// Those whose version was found.
    pub versions_right: u64,
    /// Rows that are not in use and are shown as if they were.
    pub status_wrong: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In what way.
    pub wrong: Wrong,
    /// The row, where it is about one.
    pub id: String,
    /// The type of asset.
    pub asset_type: String,
    /// The name of the row, or of the finding for an extra.
    pub name: String,
    /// `file:line`
    pub at: String,
}

/// The ways to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A core row was not found.
    Miss,
    /// A finding that no row asks for.
    Extra,
    /// A trap was reported.
    Trap,
    /// A core row was found without its version.
    Version,
    /// What is not in use is said to be.
    Status,
}

impl Score {
    /// Judges what was found in a tree.
    pub fn of(tree: &str, labels: &[Label], findings: &[Finding]) -> Self {
        let unlabelled =
            UNLABELLED.iter().find(|(name, _)| *name == tree).map_or(&[][..], |(_, begins)| begins);
        let counted = |f: &&Finding| !unlabelled.iter().any(|begin| f.file.starts_with(begin));
        let mut judge = Judge {
            rows: labels.iter().map(Row::of).collect(),
            seen: findings.iter().filter(counted).map(Seen::of).collect(),
            by_type: BTreeMap::new(),
            faults: Vec::new(),
        };
        judge.recall();
        judge.precision();
        judge.traps();
        judge.status();
        let Judge { by_type, mut faults, .. } = judge;
        faults.sort_by_key(|fault| fault.wrong);
        Self { tree: tree.to_owned(), by_type, faults }
    }

    /// Over all types.
    pub fn total(&self) -> Figures {
        sum(self.by_type.values().copied())
    }
}

/// Adds up.
pub(super) fn sum(figures: impl IntoIterator<Item = Figures>) -> Figures {
    let mut total = Figures::default();
    for one in figures {
        total += one;
    }
    total
}

impl Figures {
    /// 1 where there is nothing to find.
    pub fn recall(&self) -> f64 {
        share(self.found, self.core)
    }

    /// 1 where nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.reported)
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.core += other.core;
        self.found += other.found;
        self.reported += other.reported;
        self.right += other.right;
        self.traps += other.traps;
        self.traps_hit += other.traps_hit;
        self.versions += other.versions;
        self.versions_right += other.versions_right;
        self.status_wrong += other.status_wrong;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// A label with its names as they are compared.
struct Row<'a> {
    label: &'a Label,
    names: BTreeSet<String>,
}

impl<'a> Row<'a> {
    fn of(label: &'a Label) -> Self {
        let names = std::iter::once(&label.name).chain(&label.aliases);
        Self { label, names: names.map(|name| normalised(name, &label.asset_type)).collect() }
    }

    fn matches(&self, seen: &Seen<'_>) -> bool {
        alike(seen.finding.asset_type, &self.label.asset_type)
            && (seen.names.iter().any(|name| self.names.contains(name))
                || self.label.is_known_by_place() && self.is_near(seen.finding))
    }

    fn is_near(&self, finding: &Finding) -> bool {
        finding.line.is_some_and(|line| {
            self.label
                .places
                .iter()
                .any(|place| place.file == finding.file && place.line.abs_diff(line) <= NEAR)
        })
    }

    fn is_at(&self, finding: &Finding) -> bool {
        let places = &mut self.label.places.iter();
        places.any(|place| place.file == finding.file && Some(place.line) == finding.line)
    }

    fn is_core(&self) -> bool {
        self.label.expect == Expect::Present && self.label.tier == Tier::Core
    }

    fn is_present(&self) -> bool {
        self.label.expect == Expect::Present
    }
}

/// A finding with its names as they are compared.
struct Seen<'a> {
    finding: &'a Finding,
    names: BTreeSet<String>,
}

impl<'a> Seen<'a> {
    fn of(finding: &'a Finding) -> Self {
        let names = std::iter::once(&finding.name).chain(&finding.aliases).filter(|name| !name.is_empty());
        Self { finding, names: names.map(|name| normalised(name, finding.asset_type)).collect() }
    }
}

fn alike(a: &str, b: &str) -> bool {
    a == b || ALIKE.iter().any(|pair| pair.contains(&a) && pair.contains(&b))
}

struct Judge<'a> {
    rows: Vec<Row<'a>>,
    seen: Vec<Seen<'a>>,
    by_type: BTreeMap<String, Figures>,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn recall(&mut self) {
        for row in self.rows.iter().filter(|row| row.is_core()) {
            let figures = self.by_type.entry(row.label.asset_type.clone()).or_default();
            let hits: Vec<&Seen<'_>> = self.seen.iter().filter(|seen| row.matches(seen)).collect();
            figures.core += 1;
            figures.found += u64::from(!hits.is_empty());
            if hits.is_empty() {
                self.faults.push(Fault::at_row(Wrong::Miss, row));
            }
            let Some(version) = &row.label.version else { continue };
            let right = hits.iter().any(|seen| seen.finding.version.as_ref() == Some(version));
            figures.versions += 1;
            figures.versions_right += u64::from(right);
            if !right {
                self.faults.push(Fault::at_row(Wrong::Version, row));
            }
        }
    }

    /// A finding counts once, however many places it has; a prompt counts at each place, for names of prompts repeat.
    fn precision(&mut self) {
        let mut groups: BTreeMap<(&str, String), Vec<&Seen<'_>>> = BTreeMap::new();
        for seen in &self.seen {
            let asset_type = seen.finding.asset_type;
            let key = if asset_type == "prompt" {
                seen.finding.at()
            } else {
                normalised(&seen.finding.name, asset_type)
            };
            groups.entry((asset_type, key)).or_default().push(seen);
        }
        let mut extras = Vec::new();
        for ((asset_type, _), group) in groups {
            let labelled =
                group.iter().any(|seen| self.rows.iter().any(|row| row.is_present() && row.matches(seen)));
            let figures = self.by_type.entry(asset_type.to_owned()).or_default();
            figures.reported += 1;
            figures.right += u64::from(labelled);
            if !labelled {
                extras.push(Fault::extra(group[0].finding));
            }
        }
        self.faults.extend(extras);
    }

    /// A trap is a name, and a line; what another row asks for there is none.
    fn traps(&mut self) {
        for row in self.rows.iter().filter(|row| row.label.tier == Tier::Negative) {
            let trap = row.label;
            let name = normalised(&trap.name, &trap.asset_type);
            let hit = self.seen.iter().any(|seen| {
                (trap.asset_type == "any" || trap.asset_type == seen.finding.asset_type)
                    && (normalised(&seen.finding.name, &trap.asset_type) == name || row.is_at(seen.finding))
                    && !self.rows.iter().any(|row| row.is_present() && row.matches(seen))
            });
            let figures = self.by_type.entry(trap.asset_type.clone()).or_default();
            figures.traps += 1;
            figures.traps_hit += u64::from(hit);
            if hit {
                self.faults.push(Fault::at_row(Wrong::Trap, row));
            }
        }
    }

    /// A row that is not in use is shown as in use in one of its own files, and no other row says that it is.
    fn status(&mut self) {
        for row in self.rows.iter().filter(|row| row.is_present() && !row.label.in_use) {
            let own = |seen: &Seen<'_>| row.label.places.iter().any(|place| place.file == seen.finding.file);
            let shown = self
                .seen
                .iter()
                .any(|seen| seen.finding.usage == "runtime" && row.matches(seen) && own(seen));
            let name = |label: &Label| normalised(&label.name, &label.asset_type);
            let excused = self.rows.iter().any(|other| {
                other.is_present()
                    && other.label.in_use
                    && other.label.asset_type == row.label.asset_type
                    && name(other.label) == name(row.label)
            });
            if shown && !excused {
                self.by_type.entry(row.label.asset_type.clone()).or_default().status_wrong += 1;
                self.faults.push(Fault::at_row(Wrong::Status, row));
            }
        }
    }
}

impl Fault {
    fn at_row(wrong: Wrong, row: &Row<'_>) -> Self {
        let label = row.label;
        Self {
            wrong,
            id: label.id.clone(),
            asset_type: label.asset_type.clone(),
            name: label.name.clone(),
            at: label.at(),
        }
    }

    fn extra(finding: &Finding) -> Self {
        Self {
            wrong: Wrong::Extra,
            id: String::new(),
            asset_type: finding.asset_type.to_owned(),
            name: finding.name.clone(),
            at: finding.at(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Label, findings};
    use super::{Figures, Score};

    const LABELS: &str = r#"
{"id":"1","expect":"present","type":"sdk","name":"openai","version":"1.60.0","tier":"core","evidence":[{"file":"uv.lock","line":5}]}
{"id":"2","expect":"present","type":"prompt","name":"the greeting","tier":"core","evidence":[{"file":"app.py","line":10}]}
{"id":"3","expect":"present","type":"model","name":"gpt-4","tier":"mention","scope":"catalog-table","evidence":[{"file":"costs.py","line":3}]}
{"id":"4","expect":"absent","type":"model","name":"claude-monet","tier":"negative","evidence":[{"file":"app.py","line":30}]}
{"id":"6","expect":"absent","type":"model","name":"opus-3","tier":"extended","evidence":[{"file":"app.py","line":40}]}
{"id":"5","expect":"present","type":"mcp_client","name":"files","tier":"extended","evidence":[{"file":".mcp.json","line":3}]}
"#;

    /// `kind name version usage path:line`, `-` for no version.
    fn scan(assets: &[&str]) -> String {
        let line = |asset: &&str| {
            let words: Vec<&str> = asset.split(' ').collect();
            let (path, line) = words[4].split_once(':').expect("a line");
            let line: u64 = line.parse().expect("a number");
            let version = (words[2] != "-").then_some(words[2]);
            serde_json::json!({
                "record": "asset", "kind": words[0], "name": words[1], "version": version,
                "usage": words[3], "evidence": [{"path": path, "line": line}],
            })
            .to_string()
        };
        assets.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Expected are the faults, as `Wrong name`.
    #[track_caller]
    fn check(assets: &[&str], expected: &[&str]) -> Figures {
        let found = findings(&scan(assets)).expect("a scan");
        let score = Score::of("t", &Label::read(LABELS).expect("labels"), &found);
        let faults: Vec<String> =
            score.faults.iter().map(|fault| format!("{:?} {}", fault.wrong, fault.name)).collect();
        assert_eq!(faults, expected);
        score.total()
    }

    const OPENAI: &str = "sdk OpenAI 1.60.0 runtime app.py:1";
    const GREETING: &str = "prompt SYSTEM - runtime app.py:12";

    #[test]
    fn what_is_wrong() {
        check(&[OPENAI, GREETING], &[]);
        check(&[], &["Miss openai", "Miss the greeting", "Version openai"]);
        check(&["sdk openai 1.59.0 runtime a:1", GREETING], &["Version openai"]);
        check(&["package openai - runtime a:1", GREETING], &["Version openai"]);
        // Four lines off, it is another prompt; a package has a name, so its line says nothing.
        check(&[OPENAI, "prompt SYSTEM - runtime app.py:14"], &["Miss the greeting", "Extra SYSTEM"]);
        check(
            &["sdk other 1.60.0 runtime uv.lock:5", GREETING],
            &["Miss openai", "Extra other", "Version openai"],
        );
        // A mention is right, and wrong only when it is said to be in use where it is mentioned.
        check(&[OPENAI, GREETING, "model-reference gpt-4 - mentioned costs.py:3"], &[]);
        check(&[OPENAI, GREETING, "model-reference gpt-4 - runtime costs.py:3"], &["Status gpt-4"]);
        check(&[OPENAI, GREETING, "model-reference gpt-4 - runtime elsewhere.py:3"], &[]);
        // Traps: by name anywhere, by line whatever the name.
        let monet = ["Extra claude-monet", "Trap claude-monet"];
        check(&[OPENAI, GREETING, "model-reference claude-monet - test b.py:1"], &monet);
        check(
            &[OPENAI, GREETING, "model-reference monet - test app.py:30"],
            &["Extra monet", "Trap claude-monet"],
        );
        check(&[OPENAI, GREETING, "tool claude-monet - runtime b.py:1"], &["Extra claude-monet"]);
        // A trap that is known to be hit is an extra still.
        check(&[OPENAI, GREETING, "model-reference opus-3 - test b.py:1"], &["Extra opus-3"]);
        // A server that is configured is a server and a client.
        check(&[OPENAI, GREETING, "mcp-server files - dev .mcp.json:3"], &[]);
    }

    #[test]
    fn figures() {
        let figures = check(
            &[
                OPENAI,
                "sdk openai 1.60.0 test b.py:9",
                "sdk other - runtime a:1",
                "prompt A - runtime a:1",
                "prompt A - runtime a:9",
            ],
            &["Miss the greeting", "Extra A", "Extra A", "Extra other"],
        );
        assert_eq!((figures.found, figures.core, figures.right, figures.reported), (1, 2, 1, 4));
        assert_eq!((figures.traps, figures.versions_right, figures.versions), (1, 1, 1));
        assert_eq!((figures.recall(), figures.precision()), (0.5, 0.25));
        assert_eq!((Figures::default().recall(), Figures::default().precision()), (1.0, 1.0));
    }

    #[test]
    fn what_is_not_labelled_is_not_counted() {
        let found = findings(&scan(&["sdk other - runtime docs/a:1", "sdk another - runtime src/a:1"]))
            .expect("a scan");
        for (tree, reported) in [("gpt-researcher", 1), ("any", 2)] {
            assert_eq!(Score::of(tree, &[], &found).total().reported, reported, "{tree}");
        }
    }
}
