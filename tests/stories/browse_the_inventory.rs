//! A person opens the console in a browser; a script asks the same of the API.

use crate::code_cloud_and_registry::{CODE, registry};
use inventar_stories::{Server, Workbench};
use std::path::Path;
use std::process::Command;

/// The story itself is told in browser/browse.mjs. The environment's CHROMIUM names the browser.
#[test]
fn in_a_browser() {
    let bench = Workbench::with_estate();
    bench.write("scoring/app.py", CODE);
    bench.scan(["-o", "table"]).expect(0);
    registry(&bench, "registry");
    registry(&bench, "registry-of-research");
    let server = Server::start(&bench);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/browse.mjs");
    let story = Command::new("node").arg(script).arg(&server.url).output().expect("node");
    let (said, wrong) = (String::from_utf8_lossy(&story.stdout), String::from_utf8_lossy(&story.stderr));
    assert!(story.status.success(), "{said}{wrong}");
    for none in ["fail 0", "skipped 0", "todo 0"] {
        assert!(said.lines().any(|line| line.ends_with(none)), "not `{none}`: {said}{wrong}");
    }
}

#[test]
fn through_the_api() {
    let bench = Workbench::with_estate();
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    let server = Server::start(&bench);
    let page = server.json("/api/v1/assets?kind=model-reference&limit=200");
    let listed = page["items"].as_array().unwrap();
    let found = scan.of_sort("asset").iter().filter(|asset| asset["kind"] == "model-reference").count();
    assert_eq!(listed.len(), found);
    let uid = listed[0]["uid"].as_str().unwrap();
    assert_eq!(server.json(&format!("/api/v1/assets/{uid}"))["uid"], uid);
    assert!(server.json("/api/openapi.json")["paths"]["/api/v1/assets"].is_object());

    // Pages follow each other without a gap or a repetition.
    let mut uids = Vec::new();
    let mut path = "/api/v1/assets?limit=7".to_owned();
    loop {
        let page = server.json(&path);
        uids.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["uid"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_page_token"].as_str() else { break };
        path = format!("/api/v1/assets?limit=7&page_token={next}");
    }
    let all = uids.len();
    uids.sort();
    uids.dedup();
    assert_eq!((all, uids.len()), (scan.of_sort("asset").len(), all));
}

#[test]
fn mistakes_are_problems_with_a_hint() {
    let bench = Workbench::new();
    bench.scan(["-o", "table"]).expect(0);
    let server = Server::start(&bench);
    for (path, status) in [
        ("/api/v1/assets/00000000-0000-0000-0000-000000000000", 404),
        ("/api/v1/assets?limit=many", 400),
        ("/api/v1/nothing", 404),
    ] {
        let (got, body) = server.get(path, &[]);
        assert_eq!(got, status, "{path}: {body}");
        let problem: serde_json::Value =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"));
        assert!(problem["title"].is_string() && problem["status"] == status, "{path}: {body}");
    }
}

/// A page of another site that makes a browser ask us must get nothing.
#[test]
fn another_sites_page_gets_nothing() {
    let bench = Workbench::with_estate();
    bench.scan(["-o", "table"]).expect(0);
    let server = Server::start(&bench);
    let (status, body) = server.get("/api/v1/assets", &[("Host", "evil.example")]);
    assert!((400..500).contains(&status), "{status}: {body}");
    assert!(!body.contains("openai"), "{body}");
}
