//! The data plane: well-formed answers that say what they may not.

use crate::guest::{component, file, low, runtime, stands};
use crate::image::{Answer, Asset, Evidence, Image, answering, answers, returning, words};
use inventar_model::{GapReason, Value};
use inventar_runtime::{Fault, FaultKind, Scanned, Trust};

#[track_caller]
fn scan(wat: &str) -> Result<Scanned, Fault> {
    let runtime = runtime(low());
    let plugin = runtime.load(&component(wat), Trust::Unsigned).expect("the guest loads");
    let result = plugin.scan("", file());
    stands(&runtime);
    result
}

/// The answer is refused for a reason that says `why`, as a fault of the plugin.
#[track_caller]
fn refused(why: &str, fill: impl FnOnce(&mut Image, &mut Answer)) {
    let scanned = scan(&answering(fill)).expect("a call that ends well");
    assert_eq!(scanned.answers, [None]);
    let [(0, GapReason::PluginFault(_), detail)] = &scanned.problems[..] else {
        panic!("{:?}", scanned.problems)
    };
    assert!(detail.contains(why), "{detail:?} should say {why:?}");
}

#[track_caller]
fn refused_asset(why: &str, asset: Asset<'_>) {
    refused(why, |image, answer| answer.assets = image.assets(&[asset]));
}

#[track_caller]
fn taken(fill: impl FnOnce(&mut Image, &mut Answer)) -> inventar_model::Answer {
    let scanned = scan(&answering(fill)).expect("a call that ends well");
    assert_eq!(scanned.problems, []);
    scanned.answers.into_iter().next().flatten().expect("an answer")
}

/// The whole call is refused.
#[track_caller]
fn spoiled(why: &str, wat: &str) {
    let fault = scan(wat).expect_err("a call that ends badly");
    assert_eq!(fault.kind, FaultKind::Lift, "{fault}");
    assert!(fault.message.contains(why), "{fault}");
}

fn evidence(bend: impl FnOnce(&mut Evidence)) -> [Evidence; 1] {
    let mut evidence = Evidence::default();
    bend(&mut evidence);
    [evidence]
}

#[test]
fn a_proper_answer_is_taken() {
    let answer = taken(|image, answer| {
        let properties = image.properties(&[("stars", 1, 5u64.to_le_bytes())]);
        answer.assets = image.assets(&[Asset {
            version: Some((0, "1.2.3")),
            identifiers: &[("purl", "pkg:pypi/acme")],
            properties,
            ..Asset::default()
        }]);
        let want = image.want(&["uv.lock", "**/x/y.py"]);
        answer.wants = image.records(&[want]);
        let relation = [image.local(0, "k"), image.local(0, "k")];
        let relation = image.relation(&relation[0], "uses", &relation[1]);
        answer.relations = image.records(&[relation]);
    });
    let asset = &answer.report.assets[0];
    assert_eq!((asset.name.as_str(), asset.version.as_ref().unwrap().text()), ("acme", "1.2.3"));
    assert_eq!(asset.evidence[0].path(), Some("src/a.py"));
    assert_eq!(answer.report.relations.len(), 1);
    assert_eq!(answer.wants[0].paths, ["uv.lock", "**/x/y.py"]);
}

#[test]
fn kinds_that_were_not_declared() {
    refused_asset("does not declare the kind `agent`", Asset { kind: "agent", ..Asset::default() });
    refused_asset("not a valid asset kind", Asset { kind: "sdk\u{1b}", ..Asset::default() });
}

#[test]
fn keys() {
    refused("is there twice", |image, answer| {
        answer.assets = image.assets(&[Asset::default(), Asset::default()])
    });
    refused_asset("a key has 0 bytes", Asset { key: "", ..Asset::default() });
    refused_asset("a key has 2000 bytes", Asset { key: &"k".repeat(2000), ..Asset::default() });
}

#[test]
fn names_and_versions() {
    refused_asset("no name", Asset { name: " \n", ..Asset::default() });
    refused_asset("no name", Asset { version: Some((0, "")), ..Asset::default() });
    let long = "n".repeat(9_000);
    let answer =
        taken(|image, answer| answer.assets = image.assets(&[Asset { name: &long, ..Asset::default() }]));
    assert!(answer.report.assets[0].name.len() <= 512);
}

#[test]
fn pieces_of_evidence() {
    refused_asset("no evidence", Asset { evidence: &[], ..Asset::default() });
    refused_asset("above 100", Asset { evidence: &evidence(|e| e.confidence = 101), ..Asset::default() });
    refused_asset("part 3 of 1", Asset { evidence: &evidence(|e| e.part = 3), ..Asset::default() });
    refused_asset(
        "ends before it starts",
        Asset { evidence: &evidence(|e| e.start = 7), ..Asset::default() },
    );
    refused_asset("no exchanges", Asset { evidence: &evidence(|e| e.place = 1), ..Asset::default() });
    refused_asset("a rule's name", Asset { evidence: &evidence(|e| e.rule = ""), ..Asset::default() });
    refused_asset(
        "a rule's name",
        Asset { evidence: &evidence(|e| e.rule = "<script>"), ..Asset::default() },
    );
    refused_asset(
        "pieces of evidence for one",
        Asset { evidence: &[Evidence::default(); 21], ..Asset::default() },
    );
}

#[test]
fn identifiers() {
    refused_asset(
        "not a valid identifier scheme",
        Asset { identifiers: &[("mail", "a@b")], ..Asset::default() },
    );
    refused_asset("not a valid identifier", Asset { identifiers: &[("purl", "")], ..Asset::default() });
    refused_asset("too long", Asset { identifiers: &[("purl", &"x".repeat(1025))], ..Asset::default() });
    refused_asset(
        "more than 32 identifiers",
        Asset { identifiers: &[("purl", "p"); 33], ..Asset::default() },
    );
}

#[test]
fn relations_and_references() {
    let relation = |kind: &'static str, part: u32| {
        move |image: &mut Image, answer: &mut Answer| {
            let [here, there] = [image.local(0, "k"), image.local(part, "k")];
            let relation = image.relation(&here, kind, &there);
            answer.relations = image.records(&[relation]);
        }
    };
    refused("not a valid relation kind", relation("owns", 0));
    refused("part 1 of 1", relation("uses", 1));
}

#[test]
fn wants_that_leave_the_source() {
    for path in
        ["/etc/passwd", "../keys.env", "a/../../b", "", "a\0b", "a\\b", "./a", "a//b", "*", "**/*", "a/**/b"]
    {
        refused("no path below the source root", |image, answer| {
            let want = image.want(&[path]);
            answer.wants = image.records(&[want]);
        });
    }
    refused("a want has 17 paths", |image, answer| {
        let want = image.want(&["a"; 17]);
        answer.wants = image.records(&[want]);
    });
    refused("a want has 0 paths", |image, answer| {
        let want = image.want(&[]);
        answer.wants = image.records(&[want]);
    });
    refused("more than 2000 wants", |image, answer| {
        let want = image.want(&["a"]);
        answer.wants = image.records(&vec![want; 2001]);
    });
}

/// A text value of a property.
fn text(image: &mut Image, text: &str) -> [u8; 8] {
    let list = image.text(text);
    words(&[list]).try_into().unwrap()
}

#[test]
fn facts_and_properties() {
    refused("a fact has more than", |image, answer| {
        let value = text(image, &"x".repeat(17_000));
        answer.facts = image.properties(&[("a", 0, value)]);
    });
    refused("facts have more than", |image, answer| {
        let value = text(image, &"x".repeat(9_000));
        answer.facts = image.properties(&[("a", 0, value), ("b", 0, value)]);
    });
    refused("the name of a fact", |image, answer| {
        answer.facts = image.properties(&[("", 3, [1; 8])]);
    });
    refused("more than 256 of a fact", |image, answer| {
        answer.facts = image.properties(&[("a", 3, [1; 8]); 257]);
    });
    refused("one thing has more than", |image, answer| {
        let value = text(image, &"x".repeat(9_000));
        let properties = image.properties(&[("a", 0, value), ("b", 0, value)]);
        answer.assets = image.assets(&[Asset { properties, ..Asset::default() }]);
    });
    refused("is said to be JSON", |image, answer| {
        let value = text(image, "{not json");
        answer.facts = image.properties(&[("a", 5, value)]);
    });
    refused("nested deeper", |image, answer| {
        let value = text(image, &format!("{}{}", "[".repeat(60), "]".repeat(60)));
        answer.facts = image.properties(&[("a", 5, value)]);
    });
    refused("is said to be JSON", |image, answer| {
        let value = text(image, &"[".repeat(5_000));
        answer.facts = image.properties(&[("a", 5, value)]);
    });
}

#[test]
fn numbers_that_are_none() {
    let answer = taken(|image, answer| answer.facts = image.properties(&[("a", 2, f64::NAN.to_le_bytes())]));
    assert_eq!(answer.facts[0].value, Value::Text("NaN".into()));
}

#[test]
fn floods() {
    spoiled(
        "more than 20 assets",
        &answering(|image, answer| {
            let keys: Vec<String> = (0..21).map(|at| at.to_string()).collect();
            let assets: Vec<Asset<'_>> = keys.iter().map(|key| Asset { key, ..Asset::default() }).collect();
            answer.assets = image.assets(&assets);
        }),
    );
    spoiled(
        "more than 20 relations",
        &answering(|image, answer| {
            let here = image.local(0, "k");
            let relation = image.relation(&here, "uses", &here);
            answer.relations = image.records(&vec![relation; 21]);
        }),
    );
    spoiled(
        "more than 20 gaps",
        &answering(|image, answer| {
            let gap = image.gap("a", "b", "c");
            answer.gaps = image.records(&vec![gap; 21]);
        }),
    );
    spoiled(
        "more than 100 pieces",
        &answering(|image, answer| {
            let keys: Vec<String> = (0..6).map(|at| at.to_string()).collect();
            let evidence = [Evidence::default(); 20];
            let assets: Vec<Asset<'_>> =
                keys.iter().map(|key| Asset { key, evidence: &evidence, ..Asset::default() }).collect();
            answer.assets = image.assets(&assets);
        }),
    );
}

#[test]
fn answers_to_no_question() {
    spoiled("an answer for file 7 of 1", &answering(|_, answer| answer.id = 7));
    spoiled("an answer for file 4294967295", &answering(|_, answer| answer.id = u32::MAX));
    let twice = returning(|image| {
        let answer = image.answer(&Answer::default());
        answers(image, &[answer.clone(), answer])
    });
    let scanned = scan(&twice).unwrap();
    assert!(scanned.problems[0].2.contains("answered twice"));
    let silent = scan(&returning(|image| answers(image, &[]))).unwrap();
    assert_eq!((silent.answers.len(), silent.problems.len()), (1, 1));
}

#[test]
fn texts_that_would_fool_a_terminal_or_a_page() {
    let answer = taken(|image, answer| {
        answer.assets = image.assets(&[Asset {
            name: "\u{1b}]0;owned\u{7}<script>\u{202e}",
            evidence: &evidence(|e| e.snippet = Some("a\u{1b}[2Jb\u{2066}c")),
            ..Asset::default()
        }]);
        let gap = image.gap("a\rb", "\u{9b}31m", "line\u{2028}two");
        answer.gaps = image.records(&[gap]);
    });
    let shown = format!("{answer:?}");
    for unfit in ["\\u{1b}", "\\u{7}", "\\u{202e}", "\\u{2066}", "\\u{9b}", "\\u{2028}", "\\r"] {
        assert!(!shown.contains(unfit), "{unfit} in {shown}");
    }
    assert!(answer.report.assets[0].name.contains("<script>"), "a page escapes; the lift does not rewrite");
}

#[test]
fn secrets_in_every_field() {
    const SECRET: &str = "ghp_0123456789abcdefghij0123456789abcdef";
    const SNIPPET: &str = "t = \"ghp_0123456789abcdefghij0123456789abcdef\"";
    let answer = taken(|image, answer| {
        let value = text(image, SECRET);
        let list = image.texts(&["--api-key", "plain-but-secret-1"]);
        let list = words(&[list]).try_into().unwrap();
        let json = text(image, "{\"password\":\"plain-but-secret-2\"}");
        let properties = image.properties(&[("note", 0, value), ("args", 4, list), ("config", 5, json)]);
        answer.facts = properties;
        answer.assets = image.assets(&[Asset {
            key: SECRET,
            name: SECRET,
            version: Some((2, SECRET)),
            identifiers: &[("url", "https://u:plain-but-secret-3@h/")],
            properties,
            evidence: &evidence(|e| e.snippet = Some(SNIPPET)),
            ..Asset::default()
        }]);
        let gap = image.gap(SECRET, SECRET, SECRET);
        answer.gaps = image.records(&[gap]);
        let [here, there] = [image.local(0, SECRET), image.local(0, SECRET)];
        let relation = image.relation(&here, "uses", &there);
        answer.relations = image.records(&[relation]);
        let want = image.want(&[SECRET]);
        answer.wants = image.records(&[want]);
    });
    let shown = format!("{answer:?}");
    assert!(!shown.contains("0123456789abcdefghij"), "{shown}");
    assert!(!shown.contains("plain-but-secret"), "{shown}");
    // The relation still finds its asset.
    let inventar_model::AssetRef::Local { key, .. } = &answer.report.relations[0].source else {
        panic!("{shown}")
    };
    assert_eq!(*key, answer.report.assets[0].key);
}

#[test]
fn secrets_in_a_problem() {
    let problem = returning(|image| {
        let text = image.text("\u{1b}password=hunter2");
        [vec![1, 0, 0, 0], words(&[text, text])].concat()
    });
    let fault = scan(&problem).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Problem);
    assert!(!fault.message.contains("hunter2") && !fault.message.contains('\u{1b}'), "{fault}");
}
