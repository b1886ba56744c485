//! As-of, diffs, order, and several sources.

use crate::bench::*;
use inventar_model::*;
use inventar_store::{Moment, RunId, StoreError};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn month(minute: i64, names: &[&str]) -> Look {
    names.iter().fold(Look::at(minute), |look, name| {
        let path = format!("{name}.py");
        look.file(PYTHON, &path, "c", vec![sdk(name, &path)])
    })
}

#[tokio::test]
async fn any_moment_can_be_seen_again() {
    let bench = Bench::new().await;
    let mut recorded = Vec::new();
    for (minute, names) in [(1, &["a", "b"][..]), (2, &["b"]), (3, &["b", "c"]), (4, &[]), (5, &["a"])] {
        recorded
            .push((minute, bench.record(&month(minute, names).gap(&format!("gap{minute}"))).await.inventory));
    }
    for (minute, expected) in &recorded {
        for late in [0, 59_999] {
            let as_of = Timestamp(minute * 60_000 + late);
            let then = bench.store.inventory(&source(), Some(as_of)).await.unwrap().unwrap();
            assert_eq!(&then, expected, "{minute}");
        }
        let then = bench.store.inventory_at(&source(), Moment::Run(RunId(*minute))).await.unwrap().unwrap();
        assert_eq!(&then, expected, "run {minute}");
    }
    assert_eq!(bench.store.inventory(&source(), Some(Timestamp(59_999))).await.unwrap(), None);
    assert_eq!(
        bench.store.inventory(&source(), None).await.unwrap().as_ref(),
        recorded.last().map(|(_, now)| now)
    );
    let stranger = SourceName::new("never seen").unwrap();
    assert_eq!(bench.store.inventory(&stranger, None).await.unwrap(), None);
}

#[tokio::test]
async fn the_commit_of_a_run_is_kept() {
    let bench = Bench::new().await;
    let revision = Revision { commit: "9f3c".repeat(10), committed: Timestamp(1_700_000_000_000) };
    for (minute, revision) in [(1, Some(revision.clone())), (2, None)] {
        bench.store.record(&Run { revision, ..Look::at(minute).run() }).await.unwrap();
    }
    let then = async |at| bench.store.run(&source(), at).await.unwrap().unwrap().revision;
    assert_eq!(then(Moment::Run(RunId(1))).await, Some(revision));
    assert_eq!(then(Moment::Now).await, None);
}

#[tokio::test]
async fn the_difference_of_two_moments() {
    let bench = Bench::new().await;
    for (minute, names) in [(1, &["a", "b"][..]), (2, &["b"]), (3, &["b", "c"]), (4, &["a", "b", "c"])] {
        bench.record(&month(minute, names)).await;
    }
    let diff = async |from, to| told(&bench.store.diff(&source(), from, to).await.unwrap());
    let run = |n| Moment::Run(RunId(n));
    assert_eq!(diff(run(1), run(3)).await, ["gone sdk a (source-changed)", "new sdk c (source-changed)"]);
    assert_eq!(diff(run(1), Moment::Now).await, ["new sdk c (source-changed)"]);
    assert_eq!(diff(run(3), run(1)).await, ["new sdk a (source-changed)", "gone sdk c (source-changed)"]);
    assert_eq!(diff(Moment::At(Timestamp(0)), run(1)).await.len(), 2);
    assert!(bench.store.diff(&source(), Moment::At(Timestamp(0)), run(1)).await.unwrap().first);
    let error = bench.store.diff(&source(), run(99), run(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchRun { run: 99 }), "{error}");
}

#[tokio::test]
async fn a_run_keeps_what_it_told() {
    let bench = Bench::new().await;
    let mut broken = Report { assets: vec![sdk("a", "a.py")], ..Report::default() };
    broken.gaps.push(CoverageGap {
        at: "a.py".into(),
        reason: GapReason::Unparsable,
        detail: "line 3".into(),
        retriable: false,
    });
    let look = Look::at(1).report(PYTHON, "a.py", "a", broken).gap("secret/").unseen("secret/", None);
    let first = bench.record(&look).await;
    let second = bench.record(&month(2, &["b"])).await;

    let detail = bench.store.latest_run(&source(), Some(Timestamp(60_000))).await.unwrap().unwrap();
    let run = look.run();
    assert_eq!(detail.gaps, first.inventory.gaps);
    assert_eq!((detail.id, detail.status), (first.run_id, RunStatus::Partial));
    assert_eq!((&detail.left_out, &detail.unseen), (&run.left_out, &run.unseen));
    let mut plugins = run.plugins;
    plugins.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(detail.plugins, plugins);
    assert_eq!((detail.files_seen, detail.files_inspected, detail.bytes_read), (10, 5, 1000));
    assert_eq!(detail.reports_digest, run.reports_digest);

    for recorded in [first, second] {
        assert_eq!(bench.store.delta(recorded.run_id).await.unwrap(), recorded.delta);
    }
    let runs: Vec<RunId> = bench.store.runs(&source()).await.unwrap().iter().map(|run| run.id).collect();
    assert_eq!(runs, [RunId(2), RunId(1)]);
}

#[tokio::test]
async fn sources_do_not_touch_each_other() {
    let bench = Bench::new().await;
    bench.record(&month(1, &["a", "b"])).await;
    let other = bench.record(&month(2, &["a"]).of("other")).await;
    assert!(other.delta.first);
    bench.record(&month(3, &[]).of("other")).await;
    let sources = bench.store.sources().await.unwrap();
    let rows: Vec<_> = sources.iter().map(|row| (row.name.as_str(), row.assets, row.runs)).collect();
    assert_eq!(rows, [("github.com/acme/app", 2, 1), ("other", 0, 2)]);
    let error = bench.store.inventory_at(&source(), Moment::Run(RunId(2))).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchRun { run: 2 }));
}

#[tokio::test]
async fn the_order_of_reports_does_not_matter() {
    let (one, two) = (Bench::new().await, Bench::new().await);
    for (minute, names) in [(1, &["a", "b", "c"][..]), (2, &["b", "d", "e"]), (3, &["a", "e"])] {
        let forward = one.record(&month(minute, names)).await;
        let backward = two.record(&month(minute, names).reversed()).await;
        assert_eq!(forward, backward);
    }
    assert_eq!(one.dump().await, two.dump().await);
}

#[tokio::test]
async fn names_may_contain_anything() {
    let bench = Bench::new().await;
    let odd = ["'); DROP TABLE asset; --", "a\0b", "💥\u{202e}", "%_\\\"'", "", "\"*\" OR NEAR("];
    let look = odd.iter().fold(Look::at(1), |look, name| {
        look.file(
            PYTHON,
            &format!("dir {name}/x.py"),
            name,
            vec![thing("agent", name, &format!("dir {name}/x.py"), 1)],
        )
    });
    let recorded = bench.record(&look).await;
    assert_eq!(bench.store.inventory(&source(), None).await.unwrap().unwrap(), recorded.inventory);
    for name in odd {
        let query = inventar_store::AssetQuery { text: Some(name.into()), ..Default::default() };
        bench.store.assets(&query).await.unwrap();
        let query = inventar_store::AssetQuery { path: Some(format!("dir {name}/")), ..Default::default() };
        let names: Vec<String> =
            bench.store.assets(&query).await.unwrap().items.into_iter().map(|row| row.name).collect();
        assert!(names.contains(&name.to_owned()), "{name:?}");
    }
}

/// What one file says in one run: some of four names, from one of two plugins, in one of two contents.
type Said = Option<(u8, bool)>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever happens to a source: the tables say what the observations say, at every moment.
    #[test]
    fn tables_and_observations_agree(
        runs in proptest::collection::vec(
            (proptest::collection::vec(proptest::option::of((0..16u8, any::<bool>())), 4), proptest::option::of(0..4usize)),
            1..6,
        ),
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(agree(runs));
    }
}

async fn agree(runs: Vec<(Vec<Said>, Option<usize>)>) {
    let bench = Bench::new().await;
    let mut told_by_run = Vec::new();
    // What should stand, by the words of the rule: file by file, what was last said of each thing.
    let mut standing: BTreeMap<String, BTreeMap<String, Sighting>> = BTreeMap::new();
    for (minute, (files, unseen)) in (1..).zip(runs) {
        let mut look = Look::at(minute);
        let unseen = unseen.map(|n| format!("f{n}.py"));
        standing.retain(|path, _| Some(path) == unseen.as_ref());
        for (n, said) in files.into_iter().enumerate() {
            let path = format!("f{n}.py");
            let Some((names, edited)) = said else { continue };
            let assets =
                (0..4).filter(|bit| names & (1 << bit) != 0).map(|bit| sdk(&format!("lib{bit}"), &path));
            let assets: Vec<Sighting> = assets.collect();
            let of_file = standing.entry(path.clone()).or_default();
            of_file.extend(assets.iter().map(|asset| (asset.key.clone(), asset.clone())));
            look = look.file(PYTHON, &path, if edited { "x" } else { "y" }, assets);
        }
        if let Some(path) = unseen {
            look = look.unseen(&path, None);
        }
        let recorded = bench.record(&look).await;
        let expected: Vec<FileReport> = standing
            .iter()
            .map(|(path, things)| FileReport {
                plugin: plugin(PYTHON),
                path: path.clone(),
                content: Digest::of(b""),
                report: Report { assets: things.values().cloned().collect(), ..Report::default() },
            })
            .collect();
        assert_eq!(recorded.inventory, Inventory::merge(&source(), &expected, &[]));
        told_by_run.push(recorded);
    }
    for recorded in &told_by_run {
        let then = bench.store.inventory_at(&source(), Moment::Run(recorded.run_id)).await.unwrap().unwrap();
        assert_eq!(then, recorded.inventory);
        assert_eq!(bench.store.delta(recorded.run_id).await.unwrap(), recorded.delta);
    }
    let now = &told_by_run.last().unwrap().inventory;
    let page = bench.store.assets(&Default::default()).await.unwrap();
    let listed: Vec<Uid> = page.items.iter().map(|row| row.uid).collect();
    assert_eq!(listed, now.assets.iter().map(|asset| asset.uid).collect::<Vec<_>>());
    for asset in &now.assets {
        assert_eq!(&bench.store.asset(asset.uid).await.unwrap().unwrap().asset, asset);
    }
}
