//! A bill of materials goes to somebody else: the same source gives the same bytes, and says nothing of this machine.

use inventar_stories::{Server, Workbench};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn bom(bench: &Workbench, spec: &str) -> String {
    bench.inventar(["bom", "generate", "--spec", spec]).expect(0).stdout
}

#[test]
fn two_data_folders_give_the_same_bytes() {
    let mut bench = Workbench::with_estate();
    bench.scan(["-o", "table"]).expect(0);
    let first = ["1.7", "1.6"].map(|spec| bom(&bench, spec));
    // Another history: an edit that was taken back, and another order of looking.
    bench.use_data("other");
    bench.write("services/assistant/src/assistant/extra.py", "import anthropic\n");
    bench.scan(["-o", "table", "--threads", "1"]).expect(0);
    bench.remove("services/assistant/src/assistant/extra.py");
    bench.scan(["-o", "table"]).expect(0);
    for (first, spec) in first.iter().zip(["1.7", "1.6"]) {
        assert!(*first == bom(&bench, spec), "{spec} differs between two data folders");
        assert!(!first.contains(&*bench.path("").to_string_lossy()), "{spec} names a path of this machine");
    }
    // And the same from a scan, and from the server.
    let scan = bench.scan(["-o", "cyclonedx"]).expect(0);
    assert!(scan.stdout == first[0], "scan -o cyclonedx differs from bom generate");
    let (status, served) = Server::start(&bench).get("/api/v1/bom?source=story", &[]);
    assert_eq!(
        (status, served == first[0]),
        (200, true),
        "the served BOM differs: {}",
        &served[..served.len().min(300)]
    );
}

#[test]
fn the_document_is_sound() {
    let bench = Workbench::with_estate();
    bench.scan(["-o", "table"]).expect(0);
    let text = bom(&bench, "1.7");
    let bom: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.7".into()));
    let listed: Vec<&Value> =
        ["components", "services"].iter().filter_map(|list| bom[*list].as_array()).flatten().collect();
    let refs: BTreeSet<&str> = listed.iter().filter_map(|item| item["bom-ref"].as_str()).collect();
    assert_eq!(refs.len(), listed.len());
    let root = bom["metadata"]["component"]["bom-ref"].as_str().unwrap();
    let nodes = bom["dependencies"].as_array().unwrap();
    assert_eq!(nodes.len(), listed.len() + 1);
    for target in nodes.iter().flat_map(|node| node["dependsOn"].as_array().unwrap()) {
        let target = target.as_str().unwrap();
        assert!(refs.contains(target) || target == root, "{target} is nowhere");
    }
    let purl = |name: &str| {
        let found = listed.iter().find(|item| item["name"] == name && item["purl"].is_string());
        found.and_then(|item| item["purl"].as_str()).unwrap_or_default()
    };
    assert_eq!(purl("langchain"), "pkg:pypi/langchain@0.3.14");
    assert_eq!(purl("async-openai"), "pkg:cargo/async-openai@0.26.0");
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete", "a manifest could not be read");
}

/// Runs git in the tree, at a fixed time.
fn git(bench: &Workbench, args: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(bench.tree()).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]).args(args);
    git.env("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z").env("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z");
    let ended = git.output().expect("git");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap().trim().to_owned()
}

/// Makes the tree a repository with everything in it committed, and gives the commit.
fn commit_all(bench: &Workbench) -> String {
    git(bench, &["init", "--quiet"]);
    git(bench, &["add", "."]);
    git(bench, &["commit", "--quiet", "--message", "First"]);
    git(bench, &["rev-parse", "HEAD"])
}

#[test]
fn a_clean_work_tree_gives_its_commit_and_its_time() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    let commit = commit_all(&bench);
    let scanned = bench.scan(["-o", "cyclonedx"]).expect(0).stdout;
    let document: Value = serde_json::from_str(&scanned).unwrap();
    assert_eq!(document["metadata"]["timestamp"], "2026-03-01T12:00:00Z");
    assert_eq!(document["metadata"]["component"]["version"], commit.as_str());
    assert!(bom(&bench, "1.7") == scanned, "bom generate differs from scan -o cyclonedx");
    let coverage = bench.inventar(["coverage"]).expect(0).stdout;
    assert!(coverage.contains(&commit[..12]), "{coverage}");

    // Nothing changed in the files, but they are another commit's now.
    git(&bench, &["commit", "--quiet", "--allow-empty", "--message", "Second"]);
    bench.scan(["-o", "table"]).expect(0);
    assert!(bom(&bench, "1.7").contains(&git(&bench, &["rev-parse", "HEAD"])));

    // What differs from its commit has neither.
    bench.write("app.py", "import openai\nimport anthropic\n");
    bench.scan(["-o", "table"]).expect(0);
    let changed = bom(&bench, "1.7");
    assert!(!changed.contains("\"timestamp\"") && !changed.contains(&commit), "{changed}");
}

/// The files that are scanned are one part of a commit: who names it says how all of them are.
#[test]
fn a_commit_is_named_only_while_everything_is_as_it_was_committed() {
    let bench = Workbench::new();
    bench.write("app/main.py", "import openai\n");
    bench.write("beside.txt", "committed\n");
    let commit = commit_all(&bench);
    let names_it = || {
        let scan =
            bench.inventar(["scan", "./tree/app", "--source", "story", "-o", "cyclonedx"]).expect(0).stdout;
        assert!(bom(&bench, "1.7") == scan, "bom generate differs from scan -o cyclonedx");
        scan.contains(&commit)
    };
    assert!(names_it(), "first");
    assert!(names_it(), "and again, when nothing had to be looked at");

    bench.write("beside.txt", "edited\n");
    assert!(!names_it(), "nothing changed in the folder, but beside it");
    bench.write("beside.txt", "committed\n");
    assert!(names_it(), "taken back");

    bench.write("app/notes.txt", "nothing\n");
    assert!(names_it(), "an untracked file that says nothing");
    bench.write("app/more.py", "import anthropic\n");
    assert!(!names_it(), "an untracked file that says something");
    git(&bench, &["add", "app/more.py"]);
    assert!(!names_it(), "tracked, but not committed");
    bench.remove("app/more.py");
    git(&bench, &["reset", "--quiet"]);
    assert!(names_it(), "gone");
}

#[test]
fn a_time_is_there_only_when_it_is_given() {
    let bench = Workbench::with_estate();
    let untimed = bench.scan(["-o", "cyclonedx"]).expect(0);
    assert!(!untimed.stdout.contains("\"timestamp\""), "{untimed}");
    let mut command = bench.scan_command(["-o", "cyclonedx"]);
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    let timed: Value = serde_json::from_str(&bench.end(command).expect(0).stdout).unwrap();
    assert_eq!(timed["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
}
