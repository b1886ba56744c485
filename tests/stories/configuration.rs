//! Flag, then environment, then ./inventar.yaml, then the user's file; and every value says where it comes from.

use inventar_stories::Workbench;
use std::fs;

fn write(bench: &Workbench, name: &str, text: &str) {
    let path = bench.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn every_value_says_where_it_comes_from() {
    let bench = Workbench::new();
    write(&bench, "home/.config/inventar/inventar.yaml", "threads: 2\nstrict: true\n");
    write(&bench, "inventar.yaml", "threads: 3\n");
    let view = |variables: &[(&str, &str)]| {
        let mut command = bench.command(["config", "view", "--origin"]);
        command.envs(variables.iter().copied());
        bench.end(command).expect(0).stdout
    };
    let line =
        |text: &str, key: &str| text.lines().find(|line| line.contains(key)).unwrap_or_default().to_owned();
    let from_file = view(&[]);
    assert!(
        line(&from_file, "threads").contains('3') && line(&from_file, "threads").contains("inventar.yaml"),
        "{from_file}"
    );
    assert!(line(&from_file, "strict").contains("true"), "{from_file}");
    let from_environment = view(&[("INVENTAR_THREADS", "4")]);
    let threads = line(&from_environment, "threads");
    assert!(threads.contains('4') && threads.contains("INVENTAR_THREADS"), "{from_environment}");
}

#[test]
fn an_unknown_key_is_an_error_with_a_suggestion() {
    let bench = Workbench::new();
    write(&bench, "inventar.yaml", "# ours\nthread: 3\n");
    bench.scan(["-o", "table"]).expect(2).says(&["thread", "inventar.yaml:2", "threads"]);
}

#[test]
fn a_source_has_a_name_and_a_path() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    write(&bench, "inventar.yaml", "sources:\n  shop:\n    path: tree\n");
    let scan = bench.inventar(["scan", "shop", "-o", "ndjson"]).expect(0);
    assert!(scan.has_asset("sdk", "openai"), "{scan}");
    assert_eq!(scan.summary()["source"], "shop");
}

#[test]
fn settings_are_checked_by_the_plugin_they_are_for() {
    let bench = Workbench::new();
    write(&bench, "inventar.yaml", "plugins:\n  inventar/python:\n    no-such-setting: 1\n");
    bench.scan(["-o", "table"]).expect(2).says(&["inventar/python", "no-such-setting"]);
    write(&bench, "inventar.yaml", "plugins:\n  inventar/pyhton: {}\n");
    bench.scan(["-o", "table"]).expect(2).says(&["inventar/pyhton", "inventar/python"]);
}
