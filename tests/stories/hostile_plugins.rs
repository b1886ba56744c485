//! Plugins that misbehave cost themselves: the scan goes on, says what it could not see, and ends with code 3.

use inventar_stories::{Ended, Workbench, guest};

/// Scans a tree of these Python files with one guest beside the first-party plugins.
fn scan_with(name: &str, files: &[&str]) -> Ended {
    let bench = Workbench::new();
    bench.write("requirements.txt", "openai==1.60.0\n");
    for file in files {
        bench.write(file, "import anthropic\n");
    }
    let plugin = guest(name);
    bench.scan(["-o", "ndjson", "--plugin", plugin.to_str().unwrap()])
}

/// What every story here asks for: everything else was found.
#[track_caller]
fn others_are_found(scan: &Ended) {
    assert_eq!(scan.asset("sdk", "openai")["version"], "1.60.0");
    assert!(scan.has_asset("sdk", "anthropic"), "{scan}");
}

fn seen(scan: &Ended) -> Vec<String> {
    let all = scan.of_sort("asset");
    let mut names: Vec<String> = all
        .iter()
        .filter(|asset| asset["kind"] == "x-stories.seen")
        .map(|asset| asset["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn one_that_never_comes_back() {
    let scan = scan_with("spin", &["a.py", "b.py"]).expect(3);
    others_are_found(&scan);
    assert_eq!(scan.gaps(), ["a.py timed-out", "b.py timed-out"], "{scan}");
    assert!(scan.of_sort("gap").iter().all(|gap| gap["plugin"] == "stories/spin"), "{scan}");
}

#[test]
fn one_that_takes_all_memory() {
    let scan = scan_with("hoard", &["a.py", "b.py"]).expect(3);
    others_are_found(&scan);
    assert_eq!(scan.gaps(), ["a.py budget-exhausted", "b.py budget-exhausted"], "{scan}");
}

#[test]
fn one_that_traps_on_one_file_is_honest_about_the_others() {
    let scan = scan_with("trap", &["a.py", "b.py", "c.py", "poison.py", "z.py"]).expect(3);
    others_are_found(&scan);
    assert_eq!(scan.gaps(), ["poison.py plugin-fault"], "{scan}");
    assert_eq!(seen(&scan), ["a.py", "b.py", "c.py", "z.py"]);
}

#[test]
fn one_that_lies_is_believed_only_where_it_may_be() {
    let files = ["backwards.py", "honest.py", "nameless.py", "twice.py", "undeclared.py", "unknown.py"];
    let scan = scan_with("lie", &files).expect(3);
    others_are_found(&scan);
    assert_eq!(seen(&scan), ["honest.py"], "{scan}");
    let gaps = scan.gaps();
    assert_eq!(gaps.len(), 5, "{scan}");
    assert!(gaps.iter().all(|gap| gap.ends_with("plugin-fault")), "{scan}");
}

#[test]
fn one_that_floods_is_cut() {
    let scan = scan_with("flood", &["few.py", "lines.py", "rows.py"]).expect(3);
    others_are_found(&scan);
    assert!(seen(&scan).contains(&"few.py".to_owned()), "{scan}");
    assert!(scan.gaps().iter().any(|gap| gap.starts_with("rows.py ")), "{scan}");
    assert!(scan.stderr.lines().count() < 5_000, "{} lines on stderr", scan.stderr.lines().count());
}

#[test]
fn an_unsigned_plugin_is_called_so() {
    let scan = scan_with("trap", &["a.py"]).expect(0);
    assert_eq!(scan.asset("x-stories.seen", "a.py")["unsigned"], true);
    let plugins = scan.summary()["plugins"].as_array().unwrap().clone();
    let mine = plugins.iter().find(|plugin| plugin["id"] == "stories/trap").expect("it took part");
    assert_eq!(mine["signed"], false);
    assert!(plugins.iter().any(|plugin| plugin["signed"] == true), "{scan}");
}

#[test]
fn all_of_them_at_once() {
    let bench = Workbench::with_estate();
    let mut args = vec!["-o".to_owned(), "ndjson".to_owned()];
    for name in ["spin", "hoard", "trap", "lie", "flood"] {
        args.extend(["--plugin".to_owned(), guest(name).to_str().unwrap().to_owned()]);
    }
    let hostile = bench.scan(&args).expect(3);
    let mut alone = Workbench::with_estate();
    alone.use_data("alone");
    let calm = alone.scan(["-o", "ndjson"]).expect(0);
    let ours = |scan: &Ended| -> Vec<serde_json::Value> {
        scan.of_sort("asset").into_iter().filter(|asset| asset["kind"] != "x-stories.seen").collect()
    };
    assert_eq!(ours(&hostile), ours(&calm));
}
