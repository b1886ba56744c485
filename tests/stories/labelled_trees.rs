//! Somebody who knows a project by heart reads its inventory: what is missing, and what has no business there?
//!
//! The projects of fixtures/labelled were written for this, in the styles of real ones, and every one of them has a
//! list of what is in it and of what only looks like it.

use inventar_stories::Workbench;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use xtask::accuracy::{Bars, Expect, Label, Score, Tier, faults, findings, table};

struct Project {
    name: String,
    tree: PathBuf,
    labels: Vec<Label>,
}

fn projects() -> Vec<Project> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labelled");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| folder.join(name).is_dir())
        .collect();
    names.sort();
    let project = |name: String| {
        let rows = fs::read_to_string(folder.join(&name).join("labels.jsonl")).unwrap();
        let labels = Label::read(&rows).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        Project { tree: folder.join(&name).join("tree"), name, labels }
    };
    names.into_iter().map(project).collect()
}

#[test]
fn what_is_there_is_found_and_nothing_else() {
    let bench = Workbench::new();
    let score = |project: &Project| {
        let mut scan = bench.command(["scan", "--source", &project.name, "-o", "ndjson"]);
        scan.arg(&project.tree);
        let scan = bench.end(scan).expect(0);
        Score::of(&project.name, &project.labels, &findings(&scan.stdout).unwrap())
    };
    let scores: Vec<Score> = projects().iter().map(score).collect();
    let missed = Bars::missed_together(&scores);
    assert!(missed.is_empty(), "{}\n\n{}\n{}", missed.join("\n"), table(&scores), faults(&scores));
}

/// What is judged by labels is only as good as they are.
#[test]
fn labels_stand_where_they_say() {
    let projects = projects();
    assert!(projects.len() >= 10);
    for project in &projects {
        let ids: BTreeSet<&str> = project.labels.iter().map(|label| label.id.as_str()).collect();
        assert_eq!(ids.len(), project.labels.len(), "{}: an id twice", project.name);
        for label in &project.labels {
            let id = &label.id;
            assert!(id.starts_with(&project.name), "{id}");
            assert!(
                label.expect == Expect::Present || label.tier != Tier::Core,
                "{id}: a trap that must be found"
            );
            let lines: Vec<String> =
                label.places.iter().map(|place| line(project, id, &place.file, place.line)).collect();
            assert!(!lines.is_empty(), "{id} is nowhere");
            if matches!(label.asset_type.as_str(), "model" | "secret_ref") && label.tier != Tier::Extended {
                let names = |line: &String| {
                    let said = |name: &String| line.contains(&name.to_lowercase());
                    std::iter::once(&label.name).chain(&label.aliases).any(said)
                };
                assert!(lines.iter().any(names), "{id}: no line names {}: {lines:?}", label.name);
            }
        }
        let has = |tier: Tier| project.labels.iter().any(|label| label.tier == tier);
        assert!(has(Tier::Core) && has(Tier::Negative), "{} has nothing to find, or no trap", project.name);
    }
}

/// A line of a project's file, in small letters.
fn line(project: &Project, id: &str, file: &str, number: u64) -> String {
    let text =
        fs::read_to_string(project.tree.join(file)).unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
    let line = number.checked_sub(1).and_then(|i| text.lines().nth(usize::try_from(i).unwrap()));
    line.unwrap_or_else(|| panic!("{id}: {file} has no line {number}")).to_lowercase()
}
