use super::*;
use inventar_model::*;

fn evidence(path: &str, line: u32, usage: Usage, confidence: u8) -> Evidence {
    Evidence {
        place: Place::File { path: path.into(), start_byte: 10, end_byte: 16, line },
        rule: "import".into(),
        method: Method::Parsed,
        usage,
        confidence: Confidence::new(confidence),
        snippet: Some("import openai".into()),
    }
}

fn sighting(kind: &str, name: &str, version: Option<Version>, evidence: Vec<Evidence>) -> Sighting {
    Sighting {
        key: name.into(),
        kind: AssetKind::new(kind).unwrap(),
        name: name.into(),
        version,
        identifiers: vec![Identifier::new("purl", format!("pkg:pypi/{}", name.len())).unwrap()],
        properties: vec![Property::text("provider", "openai")],
        evidence,
    }
}

fn inventory(assets: Vec<Sighting>) -> Inventory {
    let report = Report {
        assets,
        gaps: vec![CoverageGap {
            at: "broken.toml".into(),
            reason: GapReason::Unparsable,
            detail: "line 3".into(),
            retriable: false,
        }],
        ..Report::default()
    };
    let file = FileReport {
        plugin: PluginId::new("acme/python").unwrap(),
        path: "app.py".into(),
        content: Digest::of(b""),
        report,
    };
    Inventory::merge(&SourceName::new("demo").unwrap(), &[file], &[])
}

fn facts(signed: bool) -> RunFacts {
    RunFacts {
        status: RunStatus::Complete,
        files_seen: 4,
        files_inspected: 2,
        left_out: vec![LeftOut { rule: "gitignored".into(), count: 1, examples: vec!["dist/".into()] }],
        plugins: vec![(PluginId::new("acme/python").unwrap(), "0.1.0".into(), signed)],
    }
}

fn sample() -> Inventory {
    inventory(vec![
        sighting(
            "sdk",
            "openai",
            Some(Version::Exact("1.40.0".into())),
            vec![evidence("tests/t.py", 3, Usage::Test, 70), evidence("app.py", 1, Usage::Runtime, 95)],
        ),
        sighting(
            "sdk",
            "a\u{1b}[2Jbc",
            Some(Version::Range(">=1".into())),
            vec![evidence("größe/模型.py", 7, Usage::Docs, 30)],
        ),
    ])
}

#[test]
fn an_ndjson_asset_has_the_published_shape() {
    let inventory = inventory(vec![sighting(
        "sdk",
        "openai",
        Some(Version::Exact("1.40.0".into())),
        vec![evidence("app.py", 1, Usage::Runtime, 95)],
    )]);
    let view = View { inventory: &inventory, run: Some(facts(true)), bom: Bom::default() };
    let text = String::from_utf8(ndjson::render(&[view])).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let uid = inventory.assets[0].uid;
    assert_eq!(
        lines,
        [
            format!(
                r#"{{"record":"asset","kind":"sdk","name":"openai","version":"1.40.0","version_form":"exact","identifiers":[{{"scheme":"purl","value":"pkg:pypi/6"}}],"usage":"runtime","confidence":95,"properties":{{"provider":"openai"}},"evidence":[{{"path":"app.py","line":1,"bytes":[10,16],"rule":"import","method":"parsed","usage":"runtime","confidence":95,"snippet":"import openai"}}],"uid":"{uid}","plugins":["acme/python"]}}"#
            )
            .as_str(),
            r#"{"record":"gap","path":"broken.toml","reason":"unparsable","detail":"line 3","class":"declared","retriable":false,"plugin":"acme/python"}"#,
            r#"{"record":"left-out","rule":"gitignored","count":1,"examples":["dist/"]}"#,
            r#"{"record":"summary","schema":1,"source":"demo","status":"complete","assets":1,"by_kind":{"sdk":1},"relations":0,"findings":0,"gaps":{"failure":0,"declared":1},"files_seen":4,"files_inspected":2,"plugins":[{"id":"acme/python","version":"0.1.0","signed":true}]}"#,
        ]
    );
}

#[test]
fn a_range_is_not_a_version_and_a_path_is_not_a_name() {
    let mut inventory = sample();
    inventory.source = SourceName::new("/home/somebody/app").unwrap();
    let view = View { inventory: &inventory, run: Some(facts(false)), bom: Bom::default() };
    let text = String::from_utf8(ndjson::render(&[view])).unwrap();
    assert!(text.contains(r#""version":null,"version_form":"range","version_text":">=1""#), "{text}");
    assert!(text.contains(r#""unsigned":true"#), "{text}");
    assert!(!text.contains("somebody"), "{text}");
}

#[test]
fn a_table_is_grouped_aligned_and_clean() {
    let inventory = sample();
    let view = View { inventory: &inventory, run: Some(facts(true)), bom: Bom::default() };
    let expected = [
        "  NAME          VERSION  USAGE    CONFIDENCE  WHERE",
        "SDKs (2)",
        "  openai        1.40.0   runtime  certain     app.py:1 (+1)",
        "  a\\u{1b}[2Jbc  >=1      docs     possible    größe/模型.py:7",
    ];
    assert_eq!(table::render(std::slice::from_ref(&view), None, false).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_table_fits_the_terminal_and_marks_what_is_unsigned() {
    let long = "x".repeat(80);
    let inventory = inventory(vec![sighting(
        "model-reference",
        &format!("模型-{long}"),
        None,
        vec![evidence(&format!("{long}/模型.py"), 7, Usage::Runtime, 90)],
    )]);
    let view = View { inventory: &inventory, run: Some(facts(false)), bom: Bom::default() };
    let text = table::render(std::slice::from_ref(&view), Some(100), false);
    for line in text.lines() {
        assert!(terminal::width(line) <= 100, "{line}");
    }
    assert!(text.contains("…xx") && text.contains("/模型.py:7"), "{text}");
    assert!(text.ends_with("* reported only by an unsigned plugin: acme/python\n"), "{text}");
    assert!(table::render(std::slice::from_ref(&view), Some(100), true).contains("\u{1b}[1m"));
}

#[test]
fn an_empty_inventory_is_an_empty_table() {
    let inventory = Inventory::empty(SourceName::new("demo").unwrap());
    let view = View { inventory: &inventory, run: None, bom: Bom::default() };
    assert_eq!(table::render(std::slice::from_ref(&view), None, false), "");
    assert_eq!(ndjson::render(&[view]), b"");
}

#[test]
fn csv_has_a_row_an_asset() {
    let inventory = sample();
    let view = View { inventory: &inventory, run: None, bom: Bom::default() };
    let text = String::from_utf8(csv::render(&[view]).unwrap()).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("kind,name,version,version_form,usage,confidence,path,line,places,"));
    assert!(
        rows[2]
            .starts_with("sdk,openai,1.40.0,exact,runtime,95,app.py,1,2,purl:pkg:pypi/6,acme/python,demo,")
    );
}

#[test]
fn outputs_are_parsed_and_checked() {
    let check = |texts: &[&str], good: bool| {
        let parsed: Result<Vec<Output>, String> = texts.iter().map(|text| text.parse()).collect();
        assert_eq!(parsed.is_ok_and(|parsed| outputs(&parsed).is_ok()), good, "{texts:?}");
    };
    check(&[], true);
    check(&["table", "cyclonedx=bom.json", "csv=a.csv"], true);
    check(&["table", "json"], false);
    check(&["table=-", "json"], false);
    check(&["json=a", "csv=a"], false);
    check(&["json="], false);
    check(&["jsn"], false);
    assert!("jsn".parse::<Output>().unwrap_err().contains("did you mean `json`"));
}

#[test]
fn changes_are_told_apart() {
    let change = |change, reason, name: &str, fields: &[&str]| Change {
        uid: Uid::from_bytes([0; 16]),
        kind: AssetKind::new("sdk").unwrap(),
        name: name.into(),
        change,
        reason,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    };
    let delta = RunDelta {
        first: false,
        changes: vec![
            change(ChangeKind::New, Retirement::Source, "openai", &[]),
            change(ChangeKind::Changed, Retirement::Source, "cohere", &["version"]),
            change(ChangeKind::Gone, Retirement::Detector, "mistral", &[]),
        ],
        kept: 2,
        held: None,
    };
    assert_eq!(
        changes_in_words(&delta, false),
        [
            "Since last time: 1 new, 1 changed, 1 because a detector changed, 2 kept from before, because their files were not looked at.",
            "  + sdk/openai",
            "  ~ sdk/cohere  (version)",
            "  - sdk/mistral  (detector changed)",
        ]
    );
    assert!(changes_in_words(&RunDelta { first: true, ..RunDelta::default() }, false).is_empty());
}

#[test]
fn the_headline_counts_by_kind() {
    let assets = ["a", "bb", "ccc"].map(|name| {
        let kind = if name == "a" { "mcp-server" } else { "sdk" };
        sighting(kind, name, None, vec![evidence("app.py", 1, Usage::Runtime, 95)])
    });
    assert_eq!(outcome_in_words(&inventory(assets.to_vec())), "3 assets: 2 SDKs, 1 MCP server.");
    assert_eq!(outcome_in_words(&inventory(vec![])), "No AI assets found.");
}
