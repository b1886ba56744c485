//! What the API answers about an estate.

use crate::estate::{ASSISTANT, HOSTILE, HOSTILE_NAMES, VISION, runs};
use crate::workbench::{Served, each, items};
use inventar_model::{Digest, Run, RunStatus};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A source's name in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn find(served: &Served, query: &str) -> Value {
    let list = served.json(&format!("/api/v1/assets?{query}")).await;
    let uid =
        items(&list).first().unwrap_or_else(|| panic!("nothing for {query}"))["uid"].as_str().expect("uid");
    served.json(&format!("/api/v1/assets/{uid}")).await
}

#[tokio::test]
async fn pages_together_are_the_whole_list_once() {
    let served = Served::of(&runs()).await;
    for sort in ["kind", "name", "usage", "confidence", "changed"] {
        let whole = served.json(&format!("/api/v1/assets?sort={sort}&limit=1000")).await;
        assert!(whole["next_page_token"].is_null());
        assert_eq!(whole["total"], json!({ "count": items(&whole).len(), "type": "exact" }));
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let page = served.json(&format!("/api/v1/assets?sort={sort}&limit=37&page_token={token}")).await;
            assert!(items(&page).len() <= 37);
            assert_eq!(page["total"], whole["total"]);
            seen.extend(each(&page, "/uid").into_iter().map(str::to_owned));
            match page["next_page_token"].as_str() {
                Some(next) => token = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, each(&whole, "/uid"), "sorted by {sort}");
    }
}

#[tokio::test]
async fn filters_keep_what_their_facet_counted() {
    let served = Served::of(&runs()).await;
    let facets = served.json("/api/v1/facets").await;
    let mut filters = 0;
    for (facet, pointer) in [
        ("kind", "/kind/id"),
        ("usage", "/usage"),
        ("confidence", "/confidence/label"),
        ("provider", "/provider"),
        ("source", "/source"),
    ] {
        for value in facets[facet].as_array().expect("values") {
            let (word, count) = (value["value"].as_str().expect("a value"), &value["count"]);
            let list = served.json(&format!("/api/v1/assets?limit=1000&{facet}={}", escaped(word))).await;
            assert_eq!(list["total"]["count"], *count, "{facet}={word}");
            assert!(each(&list, pointer).iter().all(|seen| *seen == word), "{facet}={word}");
            filters += 1;
        }
    }
    assert!(filters > 20, "only {filters} filters were tried");
}

#[tokio::test]
async fn values_of_one_filter_widen_and_filters_narrow() {
    let served = Served::of(&runs()).await;
    let count = async |query: &str| {
        served.json(&format!("/api/v1/assets?{query}")).await["total"]["count"].as_u64().expect("a count")
    };
    let (agents, servers) = (count("kind=agent").await, count("kind=mcp-server").await);
    assert!(agents > 0 && servers > 0);
    assert_eq!(count("kind=agent,mcp-server").await, agents + servers);
    assert_eq!(count("kind=agent&usage=docs").await, 0);
    assert_eq!(count("text=claude").await, 2 + 1, "two models and a hostile name");
    assert_eq!(count("text=no-such-thing").await, 0);
    assert!(count("path=services/").await > count("path=services/chat/agent.py").await);
    assert_eq!(count("presence=gone").await, 1, "the playwright server");
}

#[tokio::test]
async fn a_list_says_how_far_the_looks_behind_it_got() {
    let check = async |served: &Served, query: &str, state: &str, sources: u64| {
        let coverage = &served.json(&format!("/api/v1/assets{query}")).await["coverage"];
        assert_eq!(coverage["state"], state, "{query}");
        assert_eq!(coverage["sources"], sources, "{query}");
    };
    let served = Served::of(&runs()).await;
    check(&served, "", "partial", 3).await;
    check(&served, &format!("?source={}", escaped(ASSISTANT)), "complete", 1).await;
    check(&served, &format!("?source={}", escaped(VISION)), "partial", 1).await;
    check(&served, &format!("?source={}", escaped(HOSTILE)), "partial", 1).await;
    check(&served, "?source=never-seen", "not-looked", 0).await;
    check(&Served::of(&[]).await, "", "not-looked", 0).await;
    let saw_nothing = Run {
        reports: vec![],
        reports_digest: Digest::of_parts([]),
        gaps: vec![],
        status: RunStatus::Complete,
        ..runs().remove(0)
    };
    check(&Served::of(&[saw_nothing]).await, "", "complete", 1).await;
}

#[tokio::test]
async fn the_last_scan_marks_what_is_new_and_what_changed() {
    let served = Served::of(&runs()).await;
    let list = served.json("/api/v1/assets?limit=1000").await;
    let marked: BTreeSet<(&str, &str)> = items(&list)
        .iter()
        .filter_map(|asset| Some((asset["name"].as_str()?, asset["mark"].as_str()?)))
        .collect();
    assert_eq!(marked, BTreeSet::from([("openai", "changed"), ("sentry", "new")]));

    let first = Served::of(&runs()[..1]).await.json("/api/v1/assets?limit=1000").await;
    assert!(items(&first).iter().all(|asset| asset["mark"].is_null()), "in a first scan everything is new");

    let changes = served.json(&format!("/api/v1/changes?source={}", escaped(ASSISTANT))).await;
    let names: BTreeSet<(&str, &str)> = items(&changes)[0]["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|change| Some((change["name"].as_str()?, change["change"].as_str()?)))
        .collect();
    assert_eq!(names, BTreeSet::from([("openai", "changed"), ("sentry", "new"), ("playwright", "gone")]));
    assert_eq!(items(&changes)[1]["first"], true);
}

#[tokio::test]
async fn an_asset_comes_with_everything_that_was_said_of_it() {
    let served = Served::of(&runs()).await;
    let agent = find(&served, "kind=agent").await;
    assert_eq!(agent["name"], "support_agent");
    assert_eq!(agent["plugins"], json!(["inventar/python"]));
    let evidence = &agent["evidence"][0];
    assert_eq!(evidence["place"]["type"], "file");
    assert_eq!(evidence["place"]["path"], "services/chat/agent.py");
    assert_eq!(evidence["place"]["line"], 42);
    assert_eq!(evidence["method"], "flow");
    assert_eq!(evidence["confidence"], json!({ "percent": 94, "label": "certain" }));
    assert!(evidence["snippet"].as_str().is_some_and(|text| text.contains("create_react_agent")));

    let properties: Vec<(&str, &Value)> = agent["properties"]
        .as_array()
        .expect("properties")
        .iter()
        .map(|property| (property["name"].as_str().unwrap_or(""), &property["value"]))
        .collect();
    for (name, value) in [
        ("max-iterations", json!(12)),
        ("streaming", json!(true)),
        ("tools", json!(["search_orders", "refund", "escalate"])),
        ("memory", json!({ "type": "redis", "ttl": 3600 })),
    ] {
        assert!(properties.contains(&(name, &value)), "{name} in {properties:?}");
    }

    let related = |asset: &Value, direction: &str, kind: &str, pointer: &str, expected: &str| {
        asset["relations"].as_array().expect("relations").iter().any(|relation| {
            relation["direction"] == direction
                && relation["kind"] == kind
                && relation["other"].pointer(pointer).is_some_and(|value| value == expected)
        })
    };
    assert!(related(&agent, "out", "uses", "/name", "gpt-4o"));
    assert!(related(&agent, "out", "reads-secret", "/name", "OPENAI_API_KEY"));
    assert!(related(&agent, "out", "imports", "/identifier/value", "python:acme_internal.tools"));
    let key = find(&served, "kind=secret-reference&provider=openai").await;
    assert!(related(&key, "in", "reads-secret", "/name", "support_agent"));
    assert_eq!(agent["findings"][0]["rule"], "agent-without-guardrail");

    let library = find(&served, "kind=sdk&text=openai").await;
    assert_eq!(library["version"], json!({ "text": "1.61.0", "form": "exact" }));
    assert_eq!(library["evidence"].as_array().map(Vec::len), Some(4));
    let version =
        &library["history"][0]["fields"].as_array().expect("fields").iter().find(|f| f["field"] == "version");
    assert_eq!(version.expect("a version")["before"], "1.40.0");
    assert_eq!(version.expect("a version")["after"], "1.61.0");

    let gone = find(&served, "presence=gone").await;
    assert_eq!((&gone["standing"], &gone["retirement"]), (&json!("gone"), &json!("source-changed")));
}

#[tokio::test]
async fn coverage_says_what_was_not_looked_at_and_what_to_do() {
    let served = Served::of(&runs()).await;
    let coverage = served.json("/api/v1/coverage").await;
    assert_eq!(each(&coverage, "/source").len(), 3);
    let one = served.json(&format!("/api/v1/coverage?source={}", escaped(VISION))).await;
    let vision = &items(&one)[0];
    assert_eq!(vision["status"], "partial");
    let gaps = vision["gaps"].as_array().expect("gaps");
    assert_eq!((&gaps[0]["reason"], &gaps[0]["count"]), (&json!("access-denied"), &json!(41)));
    assert!(gaps.iter().all(|gap| gap["advice"].as_str().is_some_and(|advice| advice.len() > 20)));
    let failures: Vec<bool> = gaps.iter().filter_map(|gap| gap["failure"].as_bool()).collect();
    assert!(failures.is_sorted_by(|a, b| a >= b), "our failures come first: {failures:?}");
    assert_eq!(vision["unseen_count"], 2);
    assert_eq!(vision["files_seen"], 12_481);
    let unsigned: Vec<&Value> = vision["plugins"]
        .as_array()
        .expect("plugins")
        .iter()
        .filter(|plugin| plugin["signed"] == false)
        .collect();
    assert_eq!(unsigned.len(), 1);
    assert_eq!(unsigned[0]["id"], "acme/prompts");
    assert_eq!(vision["left_out"][1]["rule"], "gitignored");
}

#[tokio::test]
async fn sources_and_runs() {
    let served = Served::of(&runs()).await;
    let sources = served.json("/api/v1/sources").await;
    assert_eq!(each(&sources, "/name"), [ASSISTANT, VISION, HOSTILE]);
    assert_eq!(items(&sources)[0]["runs"], 2);
    let runs = served.json(&format!("/api/v1/runs?source={}", escaped(ASSISTANT))).await;
    let ended = each(&runs, "/ended");
    assert!(ended.len() == 2 && ended[0] > ended[1], "newest first: {ended:?}");
}

#[tokio::test]
async fn a_bom_is_saved_as_a_file() {
    let served = Served::of(&runs()).await;
    let reply = served.get(&format!("/api/v1/bom?source={}", escaped(ASSISTANT))).await;
    assert_eq!(reply.header("content-type"), "application/vnd.cyclonedx+json; version=1.7");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"github.com-acme-assistant.cdx.json\""
    );
    assert_eq!(reply.json()["bomFormat"], "CycloneDX");
    let older = served.get(&format!("/api/v1/bom?spec=1.6&source={}", escaped(ASSISTANT))).await;
    assert_eq!(older.json()["specVersion"], "1.6");

    served.get("/api/v1/bom").await.problem(400);
    let alone = Served::of(&runs()[..1]).await.get("/api/v1/bom").await;
    assert_eq!(alone.json()["specVersion"], "1.7", "the only source needs no name");
}

#[tokio::test]
async fn hostile_text_comes_out_as_it_went_in() {
    let served = Served::of(&runs()).await;
    let list = served.json(&format!("/api/v1/assets?source={}", escaped(HOSTILE))).await;
    let names: BTreeSet<&str> = each(&list, "/name").into_iter().collect();
    assert_eq!(names, HOSTILE_NAMES.into_iter().collect());
    for asset in items(&list) {
        let reply = served.get(&format!("/api/v1/assets/{}", asset["uid"].as_str().expect("uid"))).await;
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        let raw = reply.text();
        assert!(!raw.contains('\u{1b}'), "no control character leaves unescaped: {raw}");
        assert_eq!(reply.json()["name"], asset["name"]);
    }
}
