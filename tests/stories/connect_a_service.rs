//! A service is connected once, looked at by name, and says what could not be read and what to grant.

use inventar_stories::{Ended, Library, Workbench, guest};
use serde_json::Value;
use std::process::Command;

const TOKEN: &str = "LIBRARY_TOKEN";

/// What nobody may ever see again. It is put together when the story runs.
fn canary() -> String {
    ["kV7", "wQx2Lm9", "Rt4Zp8Nc", "3Jh6Yb"].concat()
}

fn shelves() -> Library {
    Library::start(&[("art", 12), ("law", 7), ("maps", 3)])
}

/// The program with the collector `library` added and its credential in the environment.
fn command(bench: &Workbench, args: &[&str]) -> Command {
    let mut command = bench.command(args);
    command.env(TOKEN, canary()).env("INVENTAR_PLUGIN_FILES", guest("library"));
    command
}

fn run(bench: &Workbench, args: &[&str]) -> Ended {
    bench.end(command(bench, args))
}

fn connect(bench: &Workbench, library: &Library, more: &[&str]) -> Ended {
    let add = ["source", "add", "books", "--plugin", "library", "--endpoint", &library.url];
    let access = ["--allow-private", "127.0.0.1/32", "--credential", "login=env:LIBRARY_TOKEN,kind=bearer"];
    run(bench, &[&add[..], &access[..], more].concat())
}

/// A connected library.
fn connected(more: &[&str]) -> (Workbench, Library) {
    let (bench, library) = (Workbench::new(), shelves());
    connect(&bench, &library, &[&["--yes"], more].concat()).expect(0);
    (bench, library)
}

fn scan(bench: &Workbench) -> Ended {
    run(bench, &["scan", "books", "-o", "ndjson"])
}

fn names(ended: &Ended, kind: &str) -> Vec<String> {
    let of_kind =
        |asset: &Value| (asset["kind"] == kind).then(|| asset["name"].as_str().map(str::to_owned))?;
    let mut names: Vec<String> = ended.of_sort("asset").iter().filter_map(of_kind).collect();
    names.sort();
    names
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"))
}

#[test]
fn one_screen_shows_what_is_granted_and_somebody_has_to_agree() {
    let (bench, library) = (Workbench::new(), shelves());
    let asked = connect(&bench, &library, &["--budget", "calls=100"]).expect(2).says(&["--yes"]);
    for words in
        ["stories/library", "UNSIGNED", "3 operations", &library.url, "env:LIBRARY_TOKEN", "100 calls"]
    {
        assert!(asked.stdout.contains(words), "no `{words}`\n{asked}");
    }
    assert_eq!(library.asked(), Vec::<String>::new());
    run(&bench, &["scan", "books"]).expect(2).says(&["books"]);
    connect(&bench, &library, &["--yes"]).expect(0);
    let list = run(&bench, &["source", "list", "-o", "json"]).expect(0);
    let list = json(&list);
    assert_eq!(list[0]["source"], "books");
    assert_eq!(list[0]["needs_review"], false);
    assert_eq!(list[0]["credentials"]["login"]["reference"], "env:LIBRARY_TOKEN");
    run(&bench, &["source", "remove", "books", "--yes"]).expect(0);
    run(&bench, &["scan", "books"]).expect(2);
}

#[test]
fn the_source_says_who_we_are_and_what_there_is() {
    let (bench, library) = connected(&[]);
    let test = run(&bench, &["source", "test", "books", "-o", "json"]).expect(0);
    let test = json(&test);
    let scopes: Vec<&str> =
        test["scopes"].as_array().unwrap().iter().filter_map(|s| s["id"].as_str()).collect();
    assert_eq!(scopes, ["library/art", "library/law", "library/maps"]);
    assert_eq!(library.asked(), ["/shelves"]);
    library.deny("/shelves");
    run(&bench, &["source", "test", "books"]).expect(3).says(&["not"]);
}

#[test]
fn a_plan_tells_calls_and_permissions_before_anything_is_called() {
    let (bench, library) = connected(&["--budget", "calls=5"]);
    let plan = json(&run(&bench, &["plan", "books", "-o", "json"]).expect(0));
    assert_eq!(library.asked(), ["/shelves"]);
    assert_eq!(plan["scopes"].as_array().unwrap().len(), 3);
    let permissions = serde_json::json!(["library:GetOwner", "library:ListModels", "library:ListShelves"]);
    assert_eq!(plan["permissions"], permissions);
    connect(&bench, &library, &["--yes"]).expect(0);
    scan(&bench).expect(0);
    library.asked();
    let plan = json(&run(&bench, &["plan", "books", "-o", "json"]).expect(0));
    // One owner a shelf, and pages of five: 3 + 2 + 1.
    assert_eq!(plan["calls"], 9);
    assert_eq!(plan["cost_microusd"], 90);
    assert_eq!(plan["budget_too_small"], serde_json::json!([]));
}

#[test]
fn a_scan_lists_everything_and_the_rest_of_the_program_knows_it() {
    let (bench, library) = connected(&[]);
    let first = scan(&bench).expect(0);
    assert_eq!(names(&first, "model-version").len(), 22);
    assert_eq!(names(&first, "identity"), ["art-team", "law-team", "maps-team"]);
    assert_eq!(first.summary()["status"], "complete");
    assert_eq!(scan(&bench).expect(0).stdout, first.stdout);
    assert_eq!(library.tokens(), [format!("Bearer {}", canary())]);

    let get = run(&bench, &["get", "all", "--source", "books", "-o", "ndjson"]).expect(0);
    assert_eq!(names(&get, "model-version"), names(&first, "model-version"));
    run(&bench, &["describe", "identity/art-team"]).expect(0);
    let bom = json(&run(&bench, &["bom", "generate", "--source", "books"]).expect(0));
    assert!(bom["components"].as_array().is_some_and(|components| components.len() >= 22), "{bom}");
    library.fill("law", 8);
    scan(&bench).expect(0);
    let diff = run(&bench, &["diff", "--source", "books", "-o", "ndjson"]).expect(0);
    assert!(diff.stdout.contains("law-007"), "{diff}");
}

#[test]
fn a_refused_permission_is_named_with_its_fix_and_nothing_retires() {
    let (bench, library) = connected(&[]);
    let whole = scan(&bench).expect(0);
    library.deny("/shelves/law/owner");
    let denied = scan(&bench).expect(3).says(&["library:GetOwner", "library/law"]);
    assert_eq!(names(&denied, "identity"), names(&whole, "identity"));
    assert_eq!(denied.gaps(), ["library/law//library:GetOwner access-denied"]);

    let missing = json(&run(&bench, &["coverage", "--missing", "-o", "json"]).expect(0));
    assert_eq!((&missing["complete"], &missing["scopes"]), (&2.into(), &3.into()));
    assert_eq!(missing["missing"][0]["scope"], "library/law");
    assert_eq!(missing["missing"][0]["status"], "denied");
    assert_eq!(missing["missing"][0]["missing"], serde_json::json!(["library:GetOwner"]));
    let fix = json(&run(&bench, &["coverage", "--missing", "--fix-policy"]).expect(0));
    let statement = &fix["Statement"][0];
    assert_eq!(
        (&statement["Action"], &statement["Effect"]),
        (&serde_json::json!(["library:GetOwner"]), &"Allow".into())
    );

    library.allow();
    assert_eq!(scan(&bench).expect(0).stdout, whole.stdout);
    let fixed = run(&bench, &["coverage", "--missing", "--fix-policy"]).expect(0);
    assert!(fixed.stdout.is_empty(), "{fixed}");
}

#[test]
fn the_printed_policy_is_what_is_called() {
    let bench = Workbench::new();
    let policy = json(&run(&bench, &["plugin", "policy", "library"]).expect(0));
    let actions = serde_json::json!(["library:GetOwner", "library:ListModels", "library:ListShelves"]);
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(policy["Statement"][0]["Action"], actions);
    run(&bench, &["plugin", "policy", "library", "--format", "rbac"]).expect(2);
    run(&bench, &["plugin", "policy", "python"]).expect(2).says(&["inventar/python"]);
    let inspect = run(&bench, &["plugin", "inspect", "library"]).expect(0);
    for words in
        ["login (bearer or aws): Reads the library's catalogue", "ListShelves", "the address you connect"]
    {
        assert!(inspect.stdout.contains(words), "no `{words}`\n{inspect}");
    }
}

#[test]
fn a_spent_budget_stops_with_six_and_keeps_what_was_known() {
    let (bench, library) = connected(&[]);
    let whole = scan(&bench).expect(0);
    connect(&bench, &library, &["--yes", "--budget", "calls=4"]).expect(0);
    library.asked();
    let spent = scan(&bench).expect(6).says(&["budget"]);
    assert!(library.asked().len() <= 4);
    assert_eq!(names(&spent, "model-version"), names(&whole, "model-version"));
}

#[test]
fn a_service_that_asks_to_wait_is_waited_for() {
    let (bench, library) = connected(&[]);
    library.throttle(3);
    let scan = scan(&bench).expect(0).says(&["throttled"]);
    assert_eq!(names(&scan, "model-version").len(), 22);
}

#[test]
fn a_killed_scan_goes_on_where_it_was_and_finds_the_same() {
    let (bench, library) = connected(&[]);
    library.hold("/shelves/art/models?page=2");
    let running = bench.start(command(&bench, &["scan", "books", "-o", "ndjson"]));
    library.wait_for("/shelves/art/models?page=2");
    running.kill();
    assert_eq!(running.end().code, -1);
    library.release();
    library.asked();
    let resumed = scan(&bench).expect(0).says(&["going on with a collection that was stopped after"]);
    let asked = library.asked();
    let calls = |line: &str| -> usize {
        let line = resumed.stderr.lines().rfind(|said| said.contains(line)).unwrap();
        line.split_once(" call").unwrap().0.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(calls("going on") + asked.len(), calls(" calls, "), "{resumed}");
    assert!(!asked.iter().any(|path| path == "/shelves" || path.contains("/art/models?page=0")), "{asked:?}");

    let mut other = Workbench::new();
    other.use_data("undisturbed");
    connect(&other, &library, &["--yes"]).expect(0);
    assert_eq!(scan(&other).expect(0).stdout, resumed.stdout);
}

#[test]
fn a_recording_is_replayed_without_the_service() {
    let (bench, library) = connected(&[]);
    let live = scan(&bench).expect(0);
    let file = bench.path("books.jsonl");
    run(&bench, &["plugin", "record", "books", "-o", file.to_str().unwrap()]).expect(0).says(&["exchanges"]);
    let record = std::fs::read_to_string(&file).unwrap();
    assert_eq!(record.lines().count(), 10, "{record}");
    assert!(record.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{record}");
    assert!(!record.contains(&canary()), "{record}");
    library.asked();
    let mut command = bench.command(["scan", "books", "-o", "ndjson", "--replay", file.to_str().unwrap()]);
    // No credential: nothing is signed.
    command.env("INVENTAR_PLUGIN_FILES", guest("library"));
    let replayed = bench.end(command).expect(0);
    assert_eq!(replayed.stdout, live.stdout);
    assert_eq!(library.asked(), Vec::<String>::new());
}

#[test]
fn a_plugin_that_asks_for_more_waits_for_a_review() {
    let (bench, _library) = connected(&[]);
    // Another plugin of the same name, which asks for something else.
    let mut component = std::fs::read(guest("library")).unwrap();
    let (from, to) = (b"/shelves/{shelf}/owner", b"/shelves/{shelf}/price");
    let at = component.windows(from.len()).position(|part| part == from).expect("the manifest's path");
    component[at..at + to.len()].copy_from_slice(to);
    let other = bench.path("library.wasm");
    std::fs::write(&other, component).unwrap();
    let with_other = |args: &[&str]| {
        let mut command = bench.command(args);
        command.env(TOKEN, canary()).env("INVENTAR_PLUGIN_FILES", &other);
        bench.end(command)
    };
    with_other(&["scan", "books"]).expect(2).says(&["needs review", "inventar source grant books"]);
    assert_eq!(json(&with_other(&["source", "list", "-o", "json"]).expect(0))[0]["needs_review"], true);
    with_other(&["source", "grant", "books", "--yes"]).expect(0);
    with_other(&["source", "test", "books"]).expect(0);
}

#[test]
fn no_verb_takes_a_secret() {
    let (bench, library) = (Workbench::new(), shelves());
    let key = ["AKIA", "Q3EXAMPLE7ZXCVBN"].concat();
    for (flag, value) in [
        ("--credential", format!("login={key}")),
        ("--credential", format!("login=env:{key}")),
        ("--credential", format!("login=exec:get --key {key},kind=bearer")),
        ("--credential", key.clone()),
        ("--setting", format!("note={key}")),
        ("--setting", "api-key=abc".to_owned()),
        ("--endpoint", format!("https://user:{key}@library.example")),
        ("--endpoint", format!("https://library.example/{key}")),
    ] {
        let args = ["source", "add", "books", "--plugin", "library", "--yes", flag, &value];
        let ended = run(&bench, &args).expect(2);
        assert!(!ended.stderr.contains(&key) && !ended.stdout.contains(&key), "{flag}\n{ended}");
    }
    assert_eq!(library.asked(), Vec::<String>::new());
}

/// The service repeats the credential in every answer, and the plugin puts answers into the inventory as they are.
#[test]
fn the_credential_comes_to_rest_nowhere() {
    let (bench, library) = connected(&[]);
    library.deny("/shelves/law/owner");
    let file = bench.path("home/books.jsonl");
    let mut said = String::new();
    for args in [
        vec!["source", "list", "-o", "json"],
        vec!["source", "test", "books"],
        vec!["plan", "books"],
        vec!["scan", "books", "-vv", "--log-format", "json"],
        vec!["scan", "books", "-vvv", "-o", "json"],
        vec!["plugin", "record", "books", "-vv", "-o", file.to_str().unwrap()],
        vec!["get", "all", "-o", "json"],
        vec!["describe", "identity/art-team", "-o", "json"],
        vec!["coverage", "-o", "json"],
        vec!["coverage", "--missing", "-o", "json"],
        vec!["bom", "generate"],
        vec!["doctor"],
    ] {
        let ended = run(&bench, &args);
        assert!([0, 3].contains(&ended.code), "{args:?} {ended}");
        said.push_str(&ended.stdout);
        said.push_str(&ended.stderr);
    }
    assert!(!library.tokens().is_empty(), "the credential was never used");
    assert!(file.is_file());
    let canary = canary();
    let parts = [&canary[..10], &canary[canary.len() - 10..]];
    assert!(!parts.iter().any(|part| said.contains(part)), "a part of it was said");
    for folder in [bench.data(), bench.path("home")] {
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                assert!(
                    !parts.iter().any(|part| content.contains(part)),
                    "a part of it is in {}",
                    path.display()
                );
            }
        }
    }
}
