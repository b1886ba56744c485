//! Scripts read the exit code; people read the sentence.

use inventar_stories::{Workbench, guest};

#[test]
fn zero_is_done_even_when_something_cannot_be_parsed() {
    let bench = Workbench::new();
    bench.write("package.json", "{ \"dependencies\": { \"openai\": ");
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    assert_eq!(scan.gaps(), ["package.json unparsable"]);
    let strict = bench.scan(["-o", "ndjson", "--strict"]).expect(3);
    assert_eq!(strict.stdout, scan.stdout);
}

#[test]
fn two_is_a_wrong_command_line() {
    let bench = Workbench::new();
    bench.scan(["-o", "table"]).expect(0);
    for args in [
        vec!["scan"],
        vec!["scan", "./tree", "-o", "xml"],
        vec!["scan", "./tree", "--no-such-flag"],
        vec!["scan", "./nowhere"],
        vec!["scan", "nobody-of-that-name"],
        vec!["scan", "gopher:thing"],
        vec!["get", "modles"],
        vec!["no-such-command"],
    ] {
        let ended = bench.inventar(&args).expect(2);
        assert!(ended.stdout.is_empty() && ended.stderr.contains("error"), "{args:?} {ended}");
    }
    bench.inventar(["get", "modles"]).says(&["models"]);
    bench.inventar(["scan", "./nowhere"]).says(&["nowhere", "hint"]);
}

#[test]
fn three_is_a_place_we_failed_to_look_at() {
    let bench = Workbench::new();
    bench.write("poison.py", "import openai\n");
    let scan = bench.scan(["-o", "ndjson", "--plugin", guest("trap").to_str().unwrap()]).expect(3);
    assert!(scan.stderr.trim_end().lines().last().is_some_and(|line| !line.is_empty()), "{scan}");
    assert_eq!(scan.summary()["status"], "partial");
}

#[test]
fn five_is_a_result_that_could_not_be_kept() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    std::fs::write(bench.path("file"), "").unwrap();
    let below_a_file = bench.path("file/data");
    bench.scan(["--data", below_a_file.to_str().unwrap()]).expect(5).says(&["file/data"]);
    bench.scan(["-o", "json=/no/such/folder/out.json"]).expect(5).says(&["/no/such/folder/out.json"]);
}

#[test]
fn a_plugin_that_is_none_stops_before_the_scan() {
    let bench = Workbench::new();
    for (name, content) in [
        ("garbage.wasm", b"no wasm at all".to_vec()),
        ("empty.wasm", vec![]),
        ("core.wasm", b"\0asm\x01\0\0\0".to_vec()),
        ("cut.wasm", std::fs::read(guest("trap")).unwrap()[..5_000].to_vec()),
    ] {
        std::fs::write(bench.path(name), content).unwrap();
        let ended = bench.scan(["--plugin", name]);
        assert!([2, 7].contains(&ended.code), "{name}: {ended}");
        let ended = ended.says(&[name]);
        assert!(!ended.stderr.contains("panicked"), "{ended}");
    }
    let missing = bench.scan(["--plugin", "missing.wasm"]).expect(2);
    missing.says(&["missing.wasm"]);
}

/// The world's names carry the version of the contract; one byte makes it a track that nobody serves yet.
#[test]
fn a_component_of_another_track_is_refused_with_its_version() {
    let bench = Workbench::new();
    let mut component = std::fs::read(guest("trap")).unwrap();
    let (from, to) = (b"@0.1.0", b"@0.2.0");
    let places: Vec<usize> =
        component.windows(from.len()).enumerate().filter(|(_, w)| w == from).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        component[at..at + to.len()].copy_from_slice(to);
    }
    std::fs::write(bench.path("other.wasm"), component).unwrap();
    let ended = bench.scan(["--plugin", "other.wasm"]);
    assert!([2, 7].contains(&ended.code), "{ended}");
    ended.says(&["other.wasm", "0.2.0", "0.1.0"]);
}
