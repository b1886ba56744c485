//! New, unchanged, changed, gone, back again; and why.

use crate::bench::*;
use inventar_model::*;
use inventar_store::{RecordOptions, RunId, Standing};

#[tokio::test]
async fn new_changed_gone_and_back_again() {
    let bench = Bench::new().await;
    let first = bench
        .record(&Look::at(1).file(PACKAGES, "uv.lock", "a", vec![pinned("openai", "uv.lock", "1.0")]))
        .await;
    assert!(first.delta.first);
    assert_eq!(told(&first.delta), ["new sdk openai (source-changed)"]);

    let second = bench
        .record(&Look::at(2).file(PACKAGES, "uv.lock", "b", vec![pinned("openai", "uv.lock", "2.0")]))
        .await;
    assert!(!second.delta.first);
    assert_eq!(told(&second.delta), ["changed sdk openai [version] (source-changed)"]);

    let third = bench.record(&Look::at(3)).await;
    assert_eq!(told(&third.delta), ["gone sdk openai (source-changed)"]);
    assert_eq!(names(&third.inventory), [""; 0]);

    let fourth = bench
        .record(&Look::at(4).file(PACKAGES, "uv.lock", "b", vec![pinned("openai", "uv.lock", "2.0")]))
        .await;
    assert_eq!(told(&fourth.delta), ["new sdk openai (source-changed)"]);

    let uid = fourth.inventory.assets[0].uid;
    let detail = bench.store.asset(uid).await.unwrap().unwrap();
    assert_eq!((detail.first_seen, detail.last_seen), (Timestamp(60_000), Timestamp(240_000)));
    assert_eq!(detail.standing, Standing::Seen);
    let history: Vec<_> = detail.history.iter().map(|row| (row.run, row.change)).collect();
    let expected =
        [(4, ChangeKind::New), (3, ChangeKind::Gone), (2, ChangeKind::Changed), (1, ChangeKind::New)];
    assert_eq!(history, expected.map(|(run, change)| (RunId(run), change)));
    let version = &detail.history[2].fields[0];
    assert_eq!((version.before.as_deref(), version.after.as_deref()), (Some("1.0"), Some("2.0")));
}

#[tokio::test]
async fn an_unchanged_rescan_writes_its_run_and_nothing_else() {
    let bench = Bench::new().await;
    let look = |minute| {
        Look::at(minute)
            .file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py"), thing("agent", "helper", "a.py", 9)])
            .gap("secret/")
    };
    bench.record(&look(1)).await;
    let before = bench.counts().await;
    let second = bench.record(&look(2)).await;
    let after = bench.counts().await;
    assert_eq!(told(&second.delta), [""; 0]);
    assert_eq!(names(&second.inventory), ["openai", "helper"]);
    for (table, rows) in after {
        let added = match table.as_str() {
            "run" | "run_gap" | "run_left_out" => 1,
            "run_plugin" => 2,
            _ => 0,
        };
        assert_eq!(rows - before[&table], added, "{table}");
    }
    let uid = second.inventory.assets[0].uid;
    assert_eq!(bench.store.asset(uid).await.unwrap().unwrap().last_seen, Timestamp(120_000));
}

#[tokio::test]
async fn an_edit_writes_only_what_differs() {
    let bench = Bench::new().await;
    let look = |minute, version| {
        let mut look =
            Look::at(minute).file(PACKAGES, "uv.lock", version, vec![pinned("openai", "uv.lock", version)]);
        for n in 0..50 {
            let path = format!("f{n}.py");
            look = look.file(PYTHON, &path, "same", vec![sdk(&format!("lib{n}"), &path)]);
        }
        look
    };
    bench.record(&look(1, "1.0")).await;
    let before = bench.counts().await;
    bench.record(&look(2, "2.0")).await;
    let after = bench.counts().await;
    let added = |table: &str| after[table] - before[table];
    assert_eq!(
        (added("observation"), added("asset"), added("asset_history"), added("asset_path")),
        (1, 0, 1, 0)
    );
}

#[tokio::test]
async fn a_line_above_is_no_change_but_the_new_line_is_known() {
    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![thing("sdk", "openai", "a.py", 1)])).await;
    let second =
        bench.record(&Look::at(2).file(PYTHON, "a.py", "b", vec![thing("sdk", "openai", "a.py", 2)])).await;
    assert_eq!(told(&second.delta), [""; 0]);
    let detail = bench.store.asset(second.inventory.assets[0].uid).await.unwrap().unwrap();
    assert_eq!(detail.asset.evidence[0].line(), Some(2));
    assert_eq!(detail.history.len(), 1);
}

#[tokio::test]
async fn what_a_detector_did_is_told_apart() {
    let bench = Bench::new().await;
    let look = |minute| Look::at(minute).file(PACKAGES, "uv.lock", "lock", vec![sdk("openai", "uv.lock")]);
    bench.record(&look(1).file(PYTHON, "a.py", "a", vec![thing("agent", "one", "a.py", 1)])).await;

    let better = look(2).with(PYTHON, "2").file(PYTHON, "a.py", "a", vec![thing("agent", "two", "a.py", 1)]);
    let delta = bench.record(&better).await.delta;
    assert_eq!(told(&delta), ["gone agent one (detector-changed)", "new agent two (detector-changed)"]);

    let edited =
        look(3).with(PYTHON, "2").file(PYTHON, "a.py", "b", vec![thing("agent", "three", "a.py", 1)]);
    let delta = bench.record(&edited).await.delta;
    assert_eq!(told(&delta), ["new agent three (source-changed)", "gone agent two (source-changed)"]);

    let both = look(4).with(PYTHON, "3").file(PYTHON, "a.py", "c", vec![thing("agent", "four", "a.py", 1)]);
    let delta = bench.record(&both).await.delta;
    assert_eq!(told(&delta), ["new agent four (source-changed)", "gone agent three (source-changed)"]);

    let delta = bench.record(&look(5).without(PYTHON)).await.delta;
    assert_eq!(told(&delta), ["gone agent four (detector-changed)"]);

    let back = look(6).with(PYTHON, "3").file(PYTHON, "a.py", "c", vec![thing("agent", "four", "a.py", 1)]);
    let recorded = bench.record(&back).await;
    assert_eq!(told(&recorded.delta), ["new agent four (detector-changed)"]);
    assert_eq!(bench.store.runs(&source()).await.unwrap()[0].counts.by_detector, 1);
}

/// A plugin update that changed nothing in a file must not be blamed for what the file does later.
#[tokio::test]
async fn an_update_without_effect_is_forgotten() {
    let bench = Bench::new().await;
    let look = |minute, content: &str, name: &str| {
        Look::at(minute).with(PYTHON, "2").file(PYTHON, "a.py", content, vec![sdk(name, "a.py")])
    };
    bench.record(&look(1, "a", "openai").with(PYTHON, "1")).await;
    bench.record(&look(2, "a", "openai")).await;
    // The same content, but something it links to has changed.
    let delta = bench.record(&look(3, "a", "anthropic")).await.delta;
    assert_eq!(told(&delta), ["new sdk anthropic (source-changed)", "gone sdk openai (source-changed)"]);
}

/// An edit that changed nothing in a report must not hide that the detector changed it later.
#[tokio::test]
async fn an_edit_without_effect_is_remembered() {
    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    bench.record(&Look::at(2).file(PYTHON, "a.py", "b", vec![sdk("openai", "a.py")])).await;
    let look = Look::at(3).with(PYTHON, "2").file(PYTHON, "a.py", "b", vec![sdk("anthropic", "a.py")]);
    let delta = bench.record(&look).await.delta;
    assert_eq!(told(&delta), ["new sdk anthropic (detector-changed)", "gone sdk openai (detector-changed)"]);
}

#[tokio::test]
async fn what_nobody_looked_at_stays() {
    let bench = Bench::new().await;
    let all = Look::at(1)
        .file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])
        .file(PYTHON, "lib/b.py", "b", vec![sdk("anthropic", "lib/b.py")])
        .file(PACKAGES, "lib/uv.lock", "c", vec![sdk("cohere", "lib/uv.lock")]);
    bench.record(&all).await;

    // Python crashed on lib/; the lock is gone for certain.
    let recorded = bench
        .record(
            &Look::at(2).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")]).unseen("lib/", Some(PYTHON)),
        )
        .await;
    assert_eq!(names(&recorded.inventory), ["anthropic", "openai"]);
    assert_eq!(told(&recorded.delta), ["gone sdk cohere (source-changed)"]);
    assert_eq!(recorded.delta.kept, 1);
    let kept = bench.store.asset(recorded.inventory.assets[0].uid).await.unwrap().unwrap();
    assert_eq!((kept.standing, kept.last_seen), (Standing::Unseen, Timestamp(60_000)));

    // Looked at again: what is not there is gone now, although the reports are the same as last time.
    let recorded = bench.record(&Look::at(3).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    assert_eq!(told(&recorded.delta), ["gone sdk anthropic (source-changed)"]);
    assert_eq!(recorded.delta.kept, 0);
    let gone = bench.store.asset(kept.asset.uid).await.unwrap().unwrap();
    assert_eq!((gone.standing, gone.last_seen), (Standing::Gone, Timestamp(60_000)));
    assert_eq!(gone.retirement, Some(Retirement::Source));
}

#[tokio::test]
async fn an_interrupted_run_retires_nothing() {
    let bench = Bench::new().await;
    let all = Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")]).file(
        PYTHON,
        "b.py",
        "b",
        vec![sdk("anthropic", "b.py")],
    );
    bench.record(&all).await;
    let half = Look::at(2)
        .file(PYTHON, "a.py", "a2", vec![sdk("cohere", "a.py")])
        .unseen("b.py", None)
        .interrupted();
    let recorded = bench.record(&half).await;
    assert_eq!(names(&recorded.inventory), ["anthropic", "cohere"]);
    let nothing = bench.record(&Look::at(3).unseen("", None).interrupted()).await;
    assert_eq!(names(&nothing.inventory), ["anthropic", "cohere"]);
    assert_eq!((told(&nothing.delta).len(), nothing.delta.kept), (0, 2));
    let recorded = bench.record(&all.clone()).await;
    assert_eq!(names(&recorded.inventory), ["anthropic", "openai"]);
}

#[tokio::test]
async fn an_unfinished_file_adds_to_what_was_known_of_it() {
    let bench = Bench::new().await;
    let file = |minute, names: &[&str]| {
        Look::at(minute).file(
            PYTHON,
            "a.py",
            "a",
            names.iter().zip(1..).map(|(name, line)| thing("sdk", name, "a.py", line)).collect(),
        )
    };
    bench.record(&file(1, &["anthropic", "openai", "cohere"])).await;
    for minute in 2..4 {
        let partly = bench.record(&file(minute, &["anthropic"]).unseen("a.py", Some(PYTHON))).await;
        assert_eq!(names(&partly.inventory), ["anthropic", "cohere", "openai"]);
        assert_eq!(partly.delta.kept, 2);
    }
    assert_eq!(bench.counts().await["observation"], 1, "saying it twice adds nothing");
    let whole = bench.record(&file(4, &["anthropic"])).await;
    assert_eq!(names(&whole.inventory), ["anthropic"]);
}

/// Thirty files with an asset each.
fn estate(minute: i64, files: std::ops::Range<u32>) -> Look {
    files.fold(Look::at(minute), |look, n| {
        let path = format!("f{n}.py");
        look.file(PYTHON, &path, "c", vec![sdk(&format!("lib{n}"), &path)])
    })
}

#[tokio::test]
async fn a_mass_disappearance_waits_for_confirmation() {
    let bench = Bench::new().await;
    bench.record(&estate(1, 0..30)).await;
    let held = bench.record(&estate(2, 0..5)).await;
    assert_eq!(held.delta.held, Some(25));
    assert_eq!((held.inventory.assets.len(), told(&held.delta).len()), (30, 0));
    let uid = held.inventory.assets.iter().find(|asset| asset.name == "lib29").unwrap().uid;
    let missing = bench.store.asset(uid).await.unwrap().unwrap();
    assert_eq!((missing.standing, missing.last_seen), (Standing::Missing, Timestamp(60_000)));

    // Half a look confirms nothing.
    let still = bench.record(&estate(3, 0..5).interrupted()).await;
    assert_eq!(still.delta.held, Some(25));
    let confirmed = bench.record(&estate(4, 0..5)).await;
    assert_eq!(confirmed.delta.held, None);
    assert_eq!((confirmed.inventory.assets.len(), told(&confirmed.delta).len()), (5, 25));
    let gone = bench.store.asset(uid).await.unwrap().unwrap();
    assert_eq!((gone.standing, gone.last_seen), (Standing::Gone, Timestamp(60_000)));
}

#[tokio::test]
async fn what_was_held_comes_back_as_if_nothing_had_been() {
    let bench = Bench::new().await;
    bench.record(&estate(1, 0..30)).await;
    bench.record(&estate(2, 0..0)).await;
    let back = bench.record(&estate(3, 0..30)).await;
    assert_eq!((back.delta.held, told(&back.delta).len()), (None, 0));
    let detail = bench.store.asset(back.inventory.assets[0].uid).await.unwrap().unwrap();
    assert_eq!((detail.standing, detail.last_seen), (Standing::Seen, Timestamp(180_000)));
    assert_eq!(bench.counts().await["observation"], 30);
}

#[tokio::test]
async fn a_mass_disappearance_can_be_confirmed_at_once() {
    let bench = Bench::new().await;
    bench.record(&estate(1, 0..30)).await;
    let run = estate(2, 0..5).run();
    let confirmed = bench.store.record_with(&run, RecordOptions { confirm_gone: true }).await.unwrap();
    assert_eq!((confirmed.delta.held, confirmed.inventory.assets.len()), (None, 5));
}

#[tokio::test]
async fn few_or_explained_disappearances_do_not_wait() {
    let bench = Bench::new().await;
    bench.record(&estate(1, 0..30)).await;
    let few = bench.record(&estate(2, 11..30)).await;
    assert_eq!(
        (few.delta.held, few.inventory.assets.len()),
        (None, 19),
        "11 of 30 are below both thresholds"
    );
    bench.record(&estate(3, 0..30)).await;
    let explained = bench.record(&estate(4, 0..0).without(PYTHON)).await;
    assert_eq!(
        (explained.delta.held, explained.inventory.assets.len()),
        (None, 0),
        "the plugin was left out"
    );
    // One file that says less is no disappearance of files.
    let lock = |minute, n: u32| {
        let assets = (0..n).map(|n| sdk(&format!("lib{n}"), "uv.lock")).collect();
        Look::at(minute).file(PACKAGES, "uv.lock", &n.to_string(), assets)
    };
    bench.record(&lock(5, 50)).await;
    let shrunk = bench.record(&lock(6, 1)).await;
    assert_eq!((shrunk.delta.held, shrunk.inventory.assets.len()), (None, 1));
}

#[tokio::test]
async fn relations_and_findings_follow() {
    let bench = Bench::new().await;
    let local = |key: &str| AssetRef::Local { path: "a.py".into(), key: key.into() };
    let report = |with_tool: bool| Report {
        assets: [thing("agent", "helper", "a.py", 1)]
            .into_iter()
            .chain(with_tool.then(|| thing("tool", "search", "a.py", 5)))
            .collect(),
        relations: ["tool search", "tool missing"]
            .map(|key| ReportedRelation {
                source: local("agent helper"),
                kind: RelationKind::new("uses").unwrap(),
                target: if with_tool {
                    local(key)
                } else {
                    AssetRef::Identifier(Identifier::new("env", "KEY").unwrap())
                },
                properties: vec![],
                evidence: vec![],
            })
            .into(),
        findings: vec![ReportedFinding {
            rule: "unsafe".into(),
            severity: Severity::High,
            title: "an agent may run anything".into(),
            about: vec![local("agent helper")],
            properties: vec![],
            evidence: vec![],
        }],
        gaps: vec![],
    };
    let first = bench.record(&Look::at(1).report(PYTHON, "a.py", "a", report(true))).await;
    let agent = first.inventory.assets.iter().find(|asset| asset.name == "helper").unwrap().uid;
    let tool = first.inventory.assets.iter().find(|asset| asset.name == "search").unwrap().uid;
    let detail = bench.store.asset(agent).await.unwrap().unwrap();
    assert_eq!((detail.relations_out.len(), detail.findings.len()), (1, 1));
    let detail = bench.store.asset(tool).await.unwrap().unwrap();
    assert_eq!((detail.relations_in.len(), detail.relations_out.len()), (1, 0));

    let second = bench.record(&Look::at(2).report(PYTHON, "a.py", "b", report(false))).await;
    assert_eq!(
        told(&second.delta),
        ["changed agent helper [relations] (source-changed)", "gone tool search (source-changed)"]
    );
    let detail = bench.store.asset(agent).await.unwrap().unwrap();
    assert!(format!("{:?}", detail.relations_out[0].other).contains("Unresolved"));

    bench.record(&Look::at(3)).await;
    let counts = bench.counts().await;
    assert_eq!((counts["relation"], counts["finding"], counts["finding_about"]), (0, 0, 0));
}
