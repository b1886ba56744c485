use super::*;

const MINIMAL: &str = r#"
schema = 1
id = "acme/flow"
version = "0.1.0"
world = "detector"
description = "Finds flows"
kinds = ["x-acme.flow"]
[[claim]]
name = "flow"
globs = ["**/*.py"]
literals = ["acme.flow"]
"#;

fn read(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::from_toml(text, |file| match file {
        "literals.txt" => Ok("zeta\nalpha\n\nalpha\n".into()),
        "settings.schema.json" => {
            Ok(r#"{"type":"object","additionalProperties":false,"properties":{"depth":{"type":"integer"}}}"#
                .into())
        }
        _ => Err(io::ErrorKind::NotFound.into()),
    })
}

fn refused(text: &str, part: &str) {
    let message = read(text).expect_err(text).to_string();
    assert!(message.contains(part), "{message:?} should contain {part:?}");
}

fn with(from: &str, to: &str) -> String {
    assert!(MINIMAL.contains(from), "{from}");
    MINIMAL.replace(from, to)
}

#[test]
fn defaults() {
    let manifest = read(MINIMAL).unwrap();
    assert_eq!((manifest.inline_max, manifest.head), (1 << 20, 64 << 10));
    assert_eq!(manifest.link, None);
    assert_eq!(manifest.claims[0].literals, [b"acme.flow".to_vec()]);
}

#[test]
fn everything_survives_json() {
    let full = format!(
        "min-host = \"0.1.0\"\n{}\nliterals-file = \"literals.txt\"\nregexes = [\"gpt-[0-9]+\"]\nignored = true\nmax-size = \"64 MiB\"\nignore-case = true\n\
         magic = [{{ offset = 8, bytes = \"47 47 55 46\" }}]\nliterals-hex = [\"ff00\"]\n[detect]\ninline-max = \"2 MiB\"\nhead = 4096\n\
         [link]\npulls = [\"**/*.lock\"]\nhops = 1\n[settings]\nschema = \"settings.schema.json\"\n[limits]\nmemory-mib = 64\ncompute-ms = 500\n",
        with("\"detector\"", "\"linking-detector\"")
    );
    let manifest = read(&full).unwrap();
    let claim = &manifest.claims[0];
    assert_eq!(claim.literals, [b"acme.flow".to_vec(), b"alpha".to_vec(), b"zeta".to_vec(), vec![0xff, 0]]);
    assert_eq!(claim.magic, [Magic { offset: 8, bytes: b"GGUF".to_vec() }]);
    assert_eq!((claim.max_size, claim.ignored, claim.ignore_case), (Some(64 << 20), true, true));
    assert_eq!((manifest.inline_max, manifest.head), (2 << 20, 4096));
    assert_eq!(manifest.link, Some(LinkRules { pulls: vec!["**/*.lock".into()], hops: 1 }));
    let json = manifest.to_json();
    assert_eq!(Manifest::from_json(&json).unwrap(), manifest);
    assert_eq!(Manifest::from_json(&json).unwrap().to_json(), json);
}

#[test]
fn mistakes_are_named() {
    refused("id = 1", "cannot read the manifest");
    refused(&with("schema = 1", "schema = 2"), "manifest schema 2");
    refused(&with("acme/flow", "Acme"), "not a valid plugin id");
    refused(&with("0.1.0", "one"), "semantic version");
    refused(&with("\"detector\"", "\"detectors\""), "`world`");
    refused(&with("x-acme.flow", "flow"), "asset kind");
    refused(&with("[\"x-acme.flow\"]", "[\"sdk\", \"sdk\"]"), "twice");
    refused(&with("name = \"flow\"", "name = \"Flow\""), "claim.name");
    refused(&with("globs =", "glob ="), "did you mean `globs`?");
    refused(&format!("{MINIMAL}[detect]\ninline-max = \"5 MiB\"\n"), "ceiling");
    refused(&format!("{MINIMAL}[detect]\nhead = \"5 parsecs\"\n"), "64 KiB");
    refused(&format!("{MINIMAL}[link]\nhops = 1\n"), "linking-detector");
    refused(&format!("{MINIMAL}literals-file = \"other.txt\"\n"), "other.txt");
    refused(&format!("{MINIMAL}literals-file = \"../secrets\"\n"), "beside");
    refused(&format!("{MINIMAL}regexes = [\"a(\"]\n"), "no pattern");
    refused(&format!("{MINIMAL}regexes = [\"a*\"]\n"), "matches nothing");
    refused(&format!("{MINIMAL}magic = [{{ offset = 4096, bytes = \"00\" }}]\n"), "beyond");
    refused(&format!("{MINIMAL}magic = [{{ offset = 0, bytes = \"0\" }}]\n"), "hex");
    refused(&with("**/*.py", "/etc/*"), "source root");
    refused(&with("**/*.py", "../*"), "source root");
    refused(&with("**/*.py", "a[b"), "no glob");
    refused(&with("\"acme.flow\"]", "\"a\"]"), "2 to 256 bytes");
    refused(&MINIMAL[..MINIMAL.find("[[claim]]").unwrap()], "never sees a file");
    refused(&with("globs = [\"**/*.py\"]\nliterals = [\"acme.flow\"]", ""), "every file");
    refused(&format!("min-host = \"9.0.0\"\n{MINIMAL}"), "needs Inventar 9.0.0");
    refused(&format!("must-understand = [\"teleport\"]\n{MINIMAL}"), "`teleport`");
    refused(&"x".repeat(MAX_BYTES + 1), "more than");
}

const COLLECTOR: &str = r#"
schema = 1
id = "acme/registry"
version = "0.1.0"
world = "collector"
description = "Lists models"
kinds = ["model-version"]
[[credential]]
slot = "login"
kinds = ["bearer", "header"]
header = "x-api-key"
optional = true
reason = "Reads the registry"
[[egress]]
service = "registry"
hosts = ["{endpoint}", "api.*.acme.com"]
credential = "login"
reason = "Lists models"
operations = ["ListModels GET /v1/models", "Find POST /v1/find = acme:Find"]
headers = ["x-acme-page"]
per-second = 5
cost-microusd = 10
"#;

#[test]
fn permissions_survive_json() {
    let manifest = read(COLLECTOR).unwrap();
    assert_eq!(manifest.egress[0].operations[1].actions, ["acme:Find"]);
    assert_eq!(manifest.credentials[0].header.as_deref(), Some("x-api-key"));
    assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
}

#[test]
fn permissions_that_cannot_stand() {
    let change = |from: &str, to: &str, part: &str| {
        assert!(COLLECTOR.contains(from), "{from}");
        refused(&COLLECTOR.replace(from, to), part);
    };
    change("world = \"collector\"", "world = \"detector\"", "only a `collector`");
    change("\"api.*.acme.com\"", "\"*.com\"", "egress.registry.hosts");
    change("\"api.*.acme.com\"", "\"10.0.0.1\"", "egress.registry.hosts");
    change("\"api.*.acme.com\"", "\"API.acme.com\"", "egress.registry.hosts");
    change("x-acme-page", "authorization", "host's own");
    change("x-acme-page", "x-forwarded-for", "host's own");
    change("header = \"x-api-key\"\n", "", "which header");
    change("\"bearer\", \"header\"", "\"bearer\"", "only the kind `header`");
    change("\"bearer\", ", "\"password\", ", "none of bearer");
    change("credential = \"login\"", "credential = \"other\"", "no [[credential]]");
    change("credential = \"login\"\n", "", "no egress rule uses it");
    change("GET /v1/models", "DELETE /v1/models", "none of GET");
    change("reason = \"Lists models\"", "reason = \"\"", "an operator decides");
    change("per-second = 5", "per-second = 0", "1 to 1000");
    change("per-second = 5", "per-secund = 5", "did you mean `per-second`?");
    refused(&COLLECTOR[..COLLECTOR.find("[[credential]]").unwrap()], "may call nothing");
}

#[test]
fn a_packed_manifest_may_know_more_than_this_host() {
    let json = read(MINIMAL).unwrap().to_json();
    let newer = json.replacen('{', "{\"colour\":\"green\",", 1);
    assert_eq!(Manifest::from_json(&newer).unwrap().to_json(), json);
    let strict = json.replacen('{', "{\"must-understand\":[\"colour\"],", 1);
    assert!(matches!(Manifest::from_json(&strict), Err(ManifestError::Newer { .. })));
}

#[test]
fn settings() {
    let plain = read(MINIMAL).unwrap();
    assert_eq!(plain.check_settings("").unwrap(), "");
    assert_eq!(plain.check_settings(" {} ").unwrap(), "");
    assert_eq!(plain.check_settings(r#"{"a":1}"#), Err(SettingsError::NoSettings("a".into())));
    let with_schema = read(&format!("{MINIMAL}[settings]\nschema = \"settings.schema.json\"\n")).unwrap();
    assert_eq!(with_schema.check_settings(r#"{ "depth": 3 }"#).unwrap(), r#"{"depth":3}"#);
    let secret = with_schema.check_settings(r#"{"depth":"sk-secret"}"#).unwrap_err().to_string();
    assert!(secret.contains("depth") && !secret.contains("sk-secret"), "{secret}");
    assert!(with_schema.check_settings(r#"{"dept":3}"#).is_err());
    assert!(with_schema.check_settings("[]").is_err());
    assert!(with_schema.check_settings("{").is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", json in "\\PC*") {
        let _ = Manifest::from_toml(&text, |_| Ok(String::new()));
        let _ = Manifest::from_json(&json);
    }
}
