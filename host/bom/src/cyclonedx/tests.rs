//! What must hold of every document, and a few facts of one.

use super::cyclonedx;
use crate::{BomContext, SpecVersion};
use inventar_model::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn sighting(key: &str, kind: &str, ids: &[(&str, &str)]) -> Sighting {
    Sighting {
        key: key.into(),
        kind: AssetKind::new(kind).unwrap(),
        name: key.into(),
        version: None,
        identifiers: ids.iter().map(|(scheme, value)| Identifier::new(*scheme, *value).unwrap()).collect(),
        properties: vec![],
        evidence: vec![Evidence {
            place: Place::File { path: format!("src/{key}.py"), start_byte: 7, end_byte: 9, line: 3 },
            rule: "some-rule".into(),
            method: Method::Parsed,
            usage: Usage::Runtime,
            confidence: Confidence::new(95),
            snippet: Some("client = Secretive()".into()),
        }],
    }
}

fn relation(from: &str, kind: &str, target: AssetRef) -> ReportedRelation {
    ReportedRelation {
        source: local(from),
        kind: RelationKind::new(kind).unwrap(),
        target,
        properties: vec![],
        evidence: vec![],
    }
}

fn local(key: &str) -> AssetRef {
    AssetRef::Local { path: "a".into(), key: key.into() }
}

/// One of every kind, and what a few of them have to do with each other.
fn everything() -> Inventory {
    let mut report = Report::default();
    for kind in KINDS {
        report.assets.push(sighting(kind.id, kind.id, &[]));
    }
    let exact = |text: &str| Some(Version::Exact(text.into()));
    report.assets.push(Sighting {
        version: exact("1.2.3"),
        ..sighting("openai", "sdk", &[("purl", "pkg:pypi/openai")])
    });
    report.assets.push(Sighting {
        version: exact("2.0.0"),
        ..sighting("@ai-sdk/anthropic", "sdk", &[("purl", "pkg:npm/%40ai-sdk/anthropic")])
    });
    report.assets.push(Sighting {
        version: Some(Version::Range(">=1".into())),
        ..sighting("langchain", "framework", &[("purl", "pkg:pypi/langchain")])
    });
    report.assets.push(Sighting {
        version: exact("0123456789abcdef0123456789abcdef01234567"),
        properties: vec![
            Property::text("architecture", "LlamaForCausalLM"),
            Property { name: "datasets".into(), value: Value::Texts(vec!["acme/tickets".into()]) },
            Property::text("license", "apache-2.0"),
            Property { name: "parameters".into(), value: Value::Integer(8_000_000_000) },
        ],
        ..sighting("acme/Tuned", "model-version", &[("hf", "acme/Tuned")])
    });
    report.assets.push(sighting(
        "https://api.openai.com/v1",
        "endpoint",
        &[("url", "https://api.openai.com/v1")],
    ));
    report.assets.push(sighting("remote", "mcp-server", &[("url", "https://mcp.example.com/sse")]));
    report.assets.push(Sighting {
        properties: vec![Property::text("provider", "openai")],
        ..sighting("OPENAI_API_KEY", "secret-reference", &[("env", "OPENAI_API_KEY")])
    });
    report.relations = vec![
        relation("agent", "uses", local("openai")),
        relation("agent", "uses", local("remote")),
        relation(
            "agent",
            "reads-secret",
            AssetRef::Identifier(Identifier::new("env", "OPENAI_API_KEY").unwrap()),
        ),
        relation("tool", "uses", local("prompt")),
        relation("prompt", "uses", local("tool")),
        relation("acme/Tuned", "trained-on", local("dataset")),
        relation(
            "acme/Tuned",
            "derived-from",
            AssetRef::Identifier(Identifier::new("hf", "meta-llama/Llama-3.1-8B").unwrap()),
        ),
    ];
    report.findings.push(ReportedFinding {
        rule: "unpinned".into(),
        severity: Severity::Medium,
        title: "a range is not a version".into(),
        about: vec![local("langchain")],
        properties: vec![],
        evidence: vec![],
    });
    report.gaps.push(CoverageGap {
        at: "src/skill.py".into(),
        reason: GapReason::Unparsable,
        detail: "line 7 of /home/somebody/src/skill.py".into(),
        retriable: false,
    });
    let plugin = PluginId::new("inventar/test").unwrap();
    let report = FileReport { plugin, path: "a".into(), content: Digest::of(b""), report };
    Inventory::merge(&SourceName::new("/home/somebody/app").unwrap(), &[report], &[])
}

fn context(spec: SpecVersion) -> BomContext<'static> {
    BomContext { spec, epoch: None, revision: None, tool_version: "0.1.0", complete: true }
}

fn text(spec: SpecVersion) -> String {
    cyclonedx(&everything(), &context(spec)).unwrap()
}

fn bom(spec: SpecVersion) -> Json {
    serde_json::from_str(&text(spec)).unwrap()
}

/// Every `bom-ref` of the document, wherever it stands.
fn refs(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Object(map) => {
            if let Some(Json::String(text)) = map.get("bom-ref") {
                found.push(text.clone());
            }
            map.values().for_each(|value| refs(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| refs(item, found)),
        _ => {}
    }
}

fn strings(json: &Json) -> Vec<String> {
    json.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The component or service that stands for the asset of that name.
fn object(bom: &Json, list: &str, name: &str) -> Json {
    let found = bom[list].as_array().unwrap().iter().find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}")).clone()
}

fn property(object: &Json, name: &str) -> Vec<String> {
    let all = object["properties"].as_array().unwrap().iter();
    all.filter(|property| property["name"] == name).map(|p| p["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_asset_appears_once_and_every_reference_resolves() {
    let inventory = everything();
    for spec in [SpecVersion::V1_6, SpecVersion::V1_7] {
        let bom = bom(spec);
        let mut found = vec![];
        refs(&bom, &mut found);
        let known: BTreeSet<String> = found.iter().cloned().collect();
        assert_eq!(known.len(), found.len(), "a bom-ref is used twice");

        let listed = ["components", "services"].iter().flat_map(|list| bom[list].as_array().unwrap());
        let listed: BTreeSet<&str> = listed.map(|item| item["bom-ref"].as_str().unwrap()).collect();
        let uids: BTreeSet<String> = inventory.assets.iter().map(|asset| asset.uid.to_string()).collect();
        assert_eq!(listed, uids.iter().map(String::as_str).collect());

        let nodes = bom["dependencies"].as_array().unwrap();
        let of: Vec<&str> = nodes.iter().map(|node| node["ref"].as_str().unwrap()).collect();
        assert!(of.is_sorted() && of.len() == uids.len() + 1, "one node per asset, and the root");
        for node in nodes {
            let targets = strings(&node["dependsOn"]);
            assert!(targets.is_sorted());
            assert!(
                targets.iter().chain([&node["ref"].as_str().unwrap().to_owned()]).all(|r| known.contains(r))
            );
        }
        for composition in bom["compositions"].as_array().unwrap() {
            let mut named = strings(&composition["assemblies"]);
            named.extend(strings(&composition["dependencies"]));
            assert!(!named.is_empty() && named.iter().all(|r| known.contains(r)));
        }
    }
}

#[test]
fn everything_hangs_on_the_root_even_through_cycles() {
    let bom = bom(SpecVersion::V1_7);
    let edges: std::collections::BTreeMap<String, Vec<String>> = bom["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["ref"].as_str().unwrap().to_owned(), strings(&node["dependsOn"])))
        .collect();
    let root = bom["metadata"]["component"]["bom-ref"].as_str().unwrap().to_owned();
    let mut reached = BTreeSet::from([root.clone()]);
    let mut open = vec![root];
    while let Some(next) = open.pop() {
        open.extend(edges[&next].iter().filter(|target| reached.insert((*target).clone())).cloned());
    }
    assert_eq!(reached.len(), edges.len());
}

#[test]
fn no_path_of_this_machine_no_snippet_and_no_clock() {
    for spec in [SpecVersion::V1_6, SpecVersion::V1_7] {
        let text = text(spec);
        for word in ["/home", "somebody", "Secretive", "timestamp"] {
            assert!(!text.contains(word), "{word}");
        }
    }
    assert_eq!(bom(SpecVersion::V1_7)["metadata"]["component"]["name"], "app");
}

#[test]
fn the_serial_number_follows_source_and_content() {
    let serial = |source: &str, spec| {
        let inventory = Inventory::empty(SourceName::new(source).unwrap());
        let bom: Json = serde_json::from_str(&cyclonedx(&inventory, &context(spec)).unwrap()).unwrap();
        bom["serialNumber"].as_str().unwrap().to_owned()
    };
    assert_eq!(serial("a", SpecVersion::V1_7), serial("a", SpecVersion::V1_7));
    assert_ne!(serial("a", SpecVersion::V1_7), serial("b", SpecVersion::V1_7));
    assert_ne!(serial("a", SpecVersion::V1_7), serial("a", SpecVersion::V1_6));
    assert!(serial("a", SpecVersion::V1_7).starts_with("urn:uuid:"));
}

#[test]
fn citations_are_new_in_1_7_and_need_a_time() {
    let inventory = everything();
    let at = Some(Timestamp(1_700_000_000_000));
    let bom = |spec, epoch| -> Json {
        let context = BomContext { epoch, ..context(spec) };
        serde_json::from_str(&cyclonedx(&inventory, &context).unwrap()).unwrap()
    };
    let cited = bom(SpecVersion::V1_7, at);
    assert_eq!(cited["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(cited["citations"][0]["attributedTo"], "plugin:inventar/test");
    for pointer in strings(&cited["citations"][0]["pointers"]) {
        assert!(cited.pointer(&pointer).is_some(), "{pointer}");
    }
    assert_eq!(property(&object(&cited, "components", "openai"), "inventar:source"), Vec::<String>::new());
    for bom in [bom(SpecVersion::V1_6, at), bom(SpecVersion::V1_7, None)] {
        assert!(bom.get("citations").is_none());
        assert_eq!(property(&object(&bom, "components", "openai"), "inventar:source"), ["inventar/test"]);
    }
}

#[test]
fn packages_carry_exact_versions_only() {
    let bom = bom(SpecVersion::V1_7);
    let openai = object(&bom, "components", "openai");
    assert_eq!((&openai["type"], &openai["version"]), (&json!("library"), &json!("1.2.3")));
    assert_eq!(openai["purl"], "pkg:pypi/openai@1.2.3");
    assert_eq!(openai["scope"], "required");
    let scoped = bom["components"].as_array().unwrap().iter().find(|c| c["group"] == "@ai-sdk").unwrap();
    assert_eq!(scoped["purl"], "pkg:npm/%40ai-sdk/anthropic@2.0.0");
    let langchain = object(&bom, "components", "langchain");
    assert_eq!((&langchain["type"], langchain.get("version")), (&json!("framework"), None));
    assert_eq!(langchain["purl"], "pkg:pypi/langchain");
    assert_eq!(property(&langchain, "inventar:version-range"), [">=1"]);
    assert_eq!(property(&langchain, "inventar:finding"), ["medium unpinned: a range is not a version"]);
}

#[test]
fn evidence_names_place_rule_and_plugin() {
    let openai = object(&bom(SpecVersion::V1_7), "components", "openai");
    let occurrence = &openai["evidence"]["occurrences"][0];
    assert_eq!(occurrence["location"], "src/openai.py");
    assert_eq!((&occurrence["line"], &occurrence["offset"]), (&json!(3), &json!(7)));
    let identity = &openai["evidence"]["identity"][0];
    assert_eq!(
        (&identity["field"], &identity["concludedValue"]),
        (&json!("purl"), &json!("pkg:pypi/openai@1.2.3"))
    );
    assert_eq!(identity["methods"][0]["technique"], "source-code-analysis");
    assert_eq!(identity["methods"][0]["confidence"], json!(0.95));
    assert_eq!(strings(&identity["tools"]), ["plugin:inventar/test"]);
}

#[test]
fn models_have_cards_pedigree_and_terms() {
    let bom = bom(SpecVersion::V1_7);
    let model = object(&bom, "components", "Tuned");
    assert_eq!(model["type"], "machine-learning-model");
    assert_eq!(model["purl"], "pkg:huggingface/acme/Tuned@0123456789abcdef0123456789abcdef01234567");
    assert_eq!(model["licenses"][0]["expression"], "Apache-2.0");
    assert_eq!(model["pedigree"]["ancestors"][0]["name"], "meta-llama/Llama-3.1-8B");
    let card = &model["modelCard"]["modelParameters"];
    assert_eq!(card["modelArchitecture"], "LlamaForCausalLM");
    assert_eq!(card["datasets"][0]["ref"], object(&bom, "components", "dataset")["bom-ref"]);
    assert_eq!(card["datasets"][1]["name"], "acme/tickets");
    assert_eq!(property(&model, "cdx:ai:parameterCount"), ["8000000000"]);
    assert_eq!(property(&model, "inventar:rel:derived-from"), ["unresolved:hf:meta-llama/Llama-3.1-8B"]);
    for component in bom["components"].as_array().unwrap() {
        assert!(component.get("modelCard").is_none() || component["type"] == "machine-learning-model");
    }
}

#[test]
fn services_and_credentials() {
    let bom = bom(SpecVersion::V1_7);
    let endpoint = object(&bom, "services", "https://api.openai.com/v1");
    assert_eq!(strings(&endpoint["endpoints"]), ["https://api.openai.com/v1"]);
    assert_eq!(endpoint["x-trust-boundary"], true);
    assert_eq!(property(&object(&bom, "services", "remote"), "cdx:mcp:serviceType"), ["server"]);
    assert_eq!(object(&bom, "components", "mcp-server")["type"], "application");
    let key = object(&bom, "components", "OPENAI_API_KEY");
    assert_eq!(key["cryptoProperties"]["relatedCryptoMaterialProperties"]["type"], "credential");
    assert_eq!(property(&key, "cdx:ai:provider"), ["openai"]);
}

#[test]
fn a_gap_makes_the_whole_incomplete_and_is_named() {
    let bom = bom(SpecVersion::V1_7);
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
    let skill = object(&bom, "components", "skill");
    assert_eq!(strings(&bom["compositions"][1]["assemblies"]), [skill["bom-ref"].as_str().unwrap()]);
    assert_eq!(property(&bom["metadata"], "inventar:gap"), ["src/skill.py: unparsable (inventar/test)"]);
    let empty = Inventory::empty(SourceName::new("a").unwrap());
    let whole: Json = serde_json::from_str(&cyclonedx(&empty, &context(SpecVersion::V1_7)).unwrap()).unwrap();
    assert_eq!(whole["compositions"][0]["aggregate"], "complete");
}
