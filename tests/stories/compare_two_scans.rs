//! A week later: what is new, what changed, what is gone, and what only looks so because a detector changed.

use inventar_stories::{Ended, Workbench, guest};
use std::process::Command;

/// `new sdk openai source-changed`, sorted.
fn changes(diff: &Ended) -> Vec<String> {
    let mut lines: Vec<String> = diff
        .of_sort("change")
        .iter()
        .map(|change| {
            ["change", "kind", "name", "reason"].map(|key| change[key].as_str().unwrap_or_default()).join(" ")
        })
        .collect();
    lines.sort();
    lines
}

fn diff(bench: &Workbench) -> Vec<String> {
    changes(&bench.inventar(["diff", "-o", "ndjson"]).expect(0))
}

#[test]
fn new_changed_and_gone() {
    let bench = Workbench::new();
    bench.write("requirements.txt", "openai==1.60.0\nanthropic==0.42.0\n");
    bench.scan(["-o", "table"]).expect(0);
    bench.write("requirements.txt", "openai==1.61.0\ncohere==5.13.3\n");
    bench.scan(["-o", "table"]).expect(0);
    let found = diff(&bench);
    let expected = [
        "changed sdk openai source-changed",
        "gone sdk anthropic source-changed",
        "new sdk cohere source-changed",
    ];
    for line in expected {
        assert!(found.iter().any(|found| found == line), "no `{line}` in {found:#?}");
    }
    assert_eq!(
        bench.inventar(["get", "all", "-o", "ndjson"]).expect(0).asset("sdk", "openai")["version"],
        "1.61.0"
    );
}

#[test]
fn nothing_happened() {
    let bench = Workbench::with_estate();
    let first = bench.scan(["-o", "ndjson"]).expect(0);
    let second = bench.scan(["-o", "ndjson"]).expect(0);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(diff(&bench), Vec::<String>::new());
}

#[test]
fn a_detector_that_was_taken_away_is_not_a_change_of_the_world() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    let plugin = guest("trap");
    bench.scan([std::ffi::OsStr::new("--plugin"), plugin.as_os_str()]).expect(0);
    bench.scan(["-o", "table"]).expect(0);
    assert_eq!(diff(&bench), ["gone x-stories.seen app.py detector-changed"]);
}

#[test]
fn the_inventory_as_it_was() {
    let bench = Workbench::new();
    bench.write("requirements.txt", "openai==1.60.0\n");
    bench.scan(["-o", "table"]).expect(0);
    // One that lies between the two runs, however fast they are: run times have milliseconds.
    let between = String::from_utf8(
        Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%S.%3NZ"]).output().unwrap().stdout,
    );
    let between = between.unwrap().trim().to_owned();
    bench.write("requirements.txt", "openai==1.61.0\n");
    bench.scan(["-o", "table"]).expect(0);
    let then = bench.inventar(["get", "all", "--as-of", &between, "-o", "ndjson"]).expect(0);
    assert_eq!(then.asset("sdk", "openai")["version"], "1.60.0");
    let now = bench.inventar(["get", "all", "-o", "ndjson"]).expect(0);
    assert_eq!(now.asset("sdk", "openai")["version"], "1.61.0");
}

#[test]
fn a_file_that_could_not_be_looked_at_keeps_what_it_said() {
    let bench = Workbench::new();
    bench.write("good.py", "import openai\n");
    bench.write("poison.py", "import openai\n");
    let plugin = guest("trap");
    let scan = bench.scan(["-o", "ndjson", "--plugin", plugin.to_str().unwrap()]).expect(3);
    assert_eq!(
        scan.of_sort("asset").iter().filter(|asset| asset["kind"] == "x-stories.seen").count(),
        1,
        "{scan}"
    );
    bench.rename("poison.py", "sound.py");
    bench.scan(["-o", "ndjson", "--plugin", plugin.to_str().unwrap()]).expect(0);
    bench.rename("sound.py", "poison.py");
    bench.write("good.py", "import anthropic\n");
    let scan = bench.scan(["-o", "ndjson", "--plugin", plugin.to_str().unwrap()]).expect(3);
    assert!(scan.has_asset("sdk", "anthropic") && scan.has_asset("x-stories.seen", "good.py"), "{scan}");
    assert_eq!(scan.gaps().len(), 1, "{scan}");
}
