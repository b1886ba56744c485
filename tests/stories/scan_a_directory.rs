//! Somebody clones a repository and asks what AI is in it.

use inventar_stories::{Ended, Workbench};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One line an asset, and one a gap: what a reviewer reads when a detector changes.
fn overview(scan: &Ended) -> String {
    let mut lines: Vec<String> = scan
        .of_sort("asset")
        .iter()
        .map(|asset| {
            let text = |key: &str| asset[key].as_str().unwrap_or_default().to_owned();
            let version = if asset["version"].is_string() { text("version") } else { text("version_text") };
            let places = asset["evidence"].as_array().map_or(0, Vec::len);
            let at = asset["evidence"][0]["path"].as_str().unwrap_or_default();
            let more = if places > 1 { format!(" +{}", places - 1) } else { String::new() };
            let named = [text("kind"), text("name"), version, text("usage")].join(" | ");
            format!("{named} | {at}{more}")
        })
        .collect();
    lines.sort();
    lines.extend(scan.gaps().iter().map(|gap| format!("gap | {gap}")));
    lines.join("\n") + "\n"
}

/// `INVENTAR_BLESS=1` writes the expectation anew; the change is then reviewed like any other.
#[test]
fn the_estate_is_found_as_it_was_reviewed() {
    let bench = Workbench::with_estate();
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate.expected");
    let found = overview(&scan);
    if std::env::var_os("INVENTAR_BLESS").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap();
    let only = |mine: &str, other: &str, sign: &str| -> String {
        mine.lines()
            .filter(|line| !other.lines().any(|o| o == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    assert!(found == expected, "{}{}", only(&expected, &found, "-"), only(&found, &expected, "+"));
}

#[test]
fn what_matters_in_the_estate() {
    let bench = Workbench::with_estate();
    let scan = bench.scan(["-o", "ndjson"]).expect(0);

    // Declared, locked and imported is one row, and its version is the lock's.
    let by_purl = |purl: &str| {
        let is_it = |asset: &&Value| asset["identifiers"][0]["value"] == purl;
        scan.of_sort("asset").iter().find(is_it).unwrap_or_else(|| panic!("no {purl}\n{scan}")).clone()
    };
    let openai = by_purl("pkg:pypi/openai");
    assert!(openai["evidence"].as_array().unwrap().len() >= 3, "{openai:#}");
    let langchain = by_purl("pkg:pypi/langchain");
    assert_eq!(langchain["version"], "0.3.14");

    // A constant of one file, used in another: the place where it is used is known.
    let model = scan.asset("model-reference", "gpt-4o");
    let paths: Vec<&str> =
        model["evidence"].as_array().unwrap().iter().filter_map(|e| e["path"].as_str()).collect();
    assert!(paths.contains(&"services/assistant/src/assistant/llm.py"), "{paths:?}");

    // What only tests or documents name is not in use.
    for asset in scan.of_sort("asset") {
        let all_in_tests =
            asset["evidence"].as_array().unwrap().iter().all(|e| {
                e["path"].as_str().is_some_and(|path| path.starts_with("services/assistant/tests/"))
            });
        assert!(!all_in_tests || asset["usage"] == "test", "{asset:#}");
    }

    // Decoys stay out, ignored files stay ignored, and what cannot be read is said.
    for (kind, name) in [("model-reference", "gpt-4-32k"), ("model-reference", "claude-monet")] {
        assert!(!scan.has_asset(kind, name), "{kind} {name}");
    }
    assert_eq!(scan.gaps(), ["services/legacy-bot/package.json unparsable"]);
}

#[test]
fn several_results_at_once() {
    let bench = Workbench::with_estate();
    let scan = bench
        .scan([
            "-o",
            "table",
            "-o",
            "cyclonedx=bom.json",
            "-o",
            "csv=out.csv",
            "-o",
            "json=out.json",
            "-o",
            "ndjson=out.nd",
        ])
        .expect(0);
    assert!(scan.stdout.contains("langchain") && !scan.stdout.contains('{'), "{scan}");
    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&read("out.json")).unwrap();
    let bom: serde_json::Value = serde_json::from_str(&read("bom.json")).unwrap();
    let assets = json["assets"].as_array().unwrap().len();
    assert!(assets > 20);
    assert_eq!(read("out.csv").lines().next().map(|head| head.contains("kind")), Some(true));
    assert_eq!(
        read("out.nd").lines().filter(|line| line.starts_with(r#"{"record":"asset""#)).count(),
        assets
    );
    let listed = ["components", "services"]
        .iter()
        .filter_map(|list| bom[*list].as_array())
        .map(Vec::len)
        .sum::<usize>();
    assert_eq!(listed, assets);
}

#[test]
fn an_empty_folder_has_nothing_in_it() {
    let bench = Workbench::new();
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    assert_eq!((scan.of_sort("asset").len(), scan.gaps().len()), (0, 0));
    assert_eq!(scan.summary()["status"], "complete");
    assert!(!scan.stderr.contains("error"), "{scan}");
}

#[test]
fn what_was_found_is_there_later() {
    let bench = Workbench::with_estate();
    bench.scan(["-o", "table"]).expect(0);
    let models = bench.inventar(["get", "models", "-o", "ndjson"]).expect(0);
    assert!(models.has_asset("model-reference", "gpt-4o"), "{models}");
    assert!(
        models.of_sort("asset").iter().all(|asset| asset["kind"].as_str().unwrap().starts_with("model")),
        "{models}"
    );
    let described = bench.inventar(["describe", "framework/langchain"]).expect(0);
    assert!(described.stdout.contains("services/assistant/pyproject.toml"), "{described}");
    let coverage = bench.inventar(["coverage"]).expect(0);
    assert!(coverage.stdout.contains("services/legacy-bot/package.json"), "{coverage}");
}

#[test]
fn a_result_does_not_depend_on_how_the_work_was_cut() {
    let bench = Workbench::with_estate();
    let one = bench.scan(["-o", "ndjson", "--threads", "1", "--no-cache"]).expect(0);
    let many = bench.scan(["-o", "ndjson", "--threads", "7", "--no-cache"]).expect(0);
    assert_eq!(one.stdout, many.stdout);
}
