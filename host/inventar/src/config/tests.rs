use super::*;

fn file(path: &str, text: &str) -> File {
    File::parse(Path::new(path), false, text).unwrap()
}

fn merge(flags: Flags, env: &[(&str, &str)], files: &[File]) -> Result<Config, Stop> {
    let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Config::merge(flags, &env, files)
}

#[test]
fn the_strongest_layer_wins() {
    let near = file("inventar.yaml", "threads: 3\n");
    let far = file("/home/a/inventar.yaml", "threads: 4\nstrict: true\n");
    let check = |flag: Option<usize>, env: &[(&str, &str)], files: &[File], value: usize, origin: &str| {
        let config = merge(Flags { threads: flag, ..Flags::default() }, env, files).unwrap();
        assert_eq!((config.threads.value, config.threads.origin.to_string().as_str()), (value, origin));
    };
    let both = [near, far];
    let variable = [("INVENTAR_THREADS", "2")];
    check(Some(1), &variable, &both, 1, "--threads");
    check(None, &variable, &both, 2, "INVENTAR_THREADS");
    check(None, &[], &both, 3, "inventar.yaml:1");
    check(None, &[], &both[1..], 4, "/home/a/inventar.yaml:1");
    check(None, &[("INVENTAR_THREADS", "")], &[], 0, "default");
    assert!(merge(Flags::default(), &[], &both).unwrap().strict.value);
}

#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = match File::parse(Path::new("inventar.yaml"), true, text) {
        Ok(file) => merge(Flags::default(), &[], &[file]).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.exit(), crate::exit::Exit::Usage);
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn errors_say_where_and_what_next() {
    check_error("thread: 1\n", "unknown key `thread`\n  in inventar.yaml:1\n  hint: did you mean `threads`?");
    check_error(
        "\nsources:\n  a:\n    paht: x\n",
        "`paht`\n  in inventar.yaml:4\n  hint: did you mean `path`?",
    );
    check_error("threads: many\n", "cannot take `threads`: it is not a whole number\n  in inventar.yaml:1");
    check_error("threads: -1\n", "not a whole number");
    check_error("strict: maybe\n", "it is a text, not true or false");
    check_error("output: [xml]\n", "xml");
    check_error("plugins:\n  python: {}\n", "`python` is not a valid plugin id");
    check_error("plugins:\n  inventar/python: 3\n", "settings of `inventar/python` are a number");
    check_error("sources: []\n", "keys and values, not a list");
    check_error("colour: red\n", "known are: data, output");
}

#[test]
fn variables() {
    let error = merge(Flags::default(), &[("INVENTAR_STRICT", "perhaps")], &[]).unwrap_err().to_string();
    assert!(error.starts_with("`perhaps` is not a value for INVENTAR_STRICT"), "{error}");
    let config = merge(
        Flags::default(),
        &[
            ("INVENTAR_STRICT", "yes"),
            ("INVENTAR_OUTPUT", "table csv=a.csv"),
            ("INVENTAR_PLUGIN_FILES", "a.wasm:b"),
        ],
        &[],
    )
    .unwrap();
    assert!(config.strict.value);
    assert_eq!(config.output.value.len(), 2);
    assert_eq!(config.plugin_files.value, [PathBuf::from("a.wasm"), PathBuf::from("b")]);
    let names = ["INVENTAR_DATA", "INVENTAR_THREAD", "PATH", "INVENTAR_CONFIG"];
    assert_eq!(unknown_variables(names.into_iter()), [("INVENTAR_THREAD", Some("INVENTAR_THREADS"))]);
}

#[test]
fn settings_of_a_source_lie_over_the_global_ones() {
    let text = "plugins:\n  inventar/python: { deep: true, limit: 3 }\nsources:\n  api:\n    path: ../api\n    \
                plugins:\n      inventar/python: { limit: 5 }\n";
    let config = merge(Flags::default(), &[], &[file("conf/inventar.yaml", text)]).unwrap();
    let plugin = PluginId::new("inventar/python").unwrap();
    let of = |source| config.plugin_settings(source, &plugin).unwrap();
    assert_eq!(of(None).value, serde_json::json!({ "deep": true, "limit": 3 }));
    assert_eq!(of(Some("api")).value, serde_json::json!({ "deep": true, "limit": 5 }));
    assert_eq!(of(Some("api")).origin.to_string(), "conf/inventar.yaml:7");
    assert_eq!(config.sources["api"].path.as_ref().unwrap().value, Path::new("conf/../api"));
    assert_eq!(config.configured_plugins().count(), 2);
}

#[test]
fn a_source_of_the_nearer_file_replaces_the_farther_one() {
    let near = file("inventar.yaml", "sources: { a: { path: near } }\n");
    let far = file("/u/inventar.yaml", "sources: { a: { path: far }, b: { path: b } }\n");
    let config = merge(Flags::default(), &[], &[near, far]).unwrap();
    assert_eq!(config.sources["a"].path.as_ref().unwrap().value, Path::new("near"));
    assert_eq!(config.sources["b"].path.as_ref().unwrap().value, Path::new("/u/b"));
}

#[test]
fn the_json_schema_knows_every_key() {
    let schema = json_schema();
    for key in schema::top_level() {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

#[test]
fn a_file_that_came_with_a_clone_decides_nothing_outside() {
    check_error("data: ../../home\n", "`data` may not be set by a file that lies in the working folder");
    check_error("bind: 0.0.0.0:80\n", "`bind` may not be set");
    check_error("plugin-files: [evil.wasm]\n", "`plugin-files` may not be set");
    check_error("output: [table, json=/etc/passwd]\n", "say --config inventar.yaml");
    let found = File::parse(Path::new("inventar.yaml"), true, "output: [json]\nthreads: 2\n").unwrap();
    assert_eq!(merge(Flags::default(), &[], &[found]).unwrap().threads.value, 2);
    let named = file("mine.yaml", "data: here\nbind: 127.0.0.1:80\noutput: [csv=a.csv]\n");
    assert_eq!(merge(Flags::default(), &[], &[named]).unwrap().data.origin.to_string(), "mine.yaml:1");
    let wrong = merge(Flags::default(), &[], &[file("mine.yaml", "bind: here\n")]).unwrap_err();
    assert!(wrong.to_string().contains("ADDRESS:PORT"), "{wrong}");
}

#[test]
fn a_schedule_is_the_operators_own() {
    let text = "sources:\n  prod:\n    schedule: every 6h\n";
    let config = merge(Flags::default(), &[], &[file("/etc/inventar.yaml", text)]).unwrap();
    let schedule = config.sources["prod"].schedule.as_ref().unwrap();
    assert_eq!(schedule.value.to_string(), "every 6h");
    check_error(text, "`schedule` may not be set by a file that lies in the working folder");
    let wrong = file("/etc/inventar.yaml", "sources:\n  prod:\n    schedule: now and then\n");
    let error = merge(Flags::default(), &[], &[wrong]).unwrap_err().to_string();
    assert!(error.contains("every 6h") && error.contains("/etc/inventar.yaml:3"), "{error}");
}
