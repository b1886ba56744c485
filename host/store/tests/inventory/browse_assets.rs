//! Lists as a page shows them: sorted, filtered, counted, page by page.

use crate::bench::*;
use inventar_model::*;
use inventar_store::*;
use std::collections::HashSet;

/// A handful of things that differ in every facet.
async fn shelf() -> Bench {
    let bench = Bench::new().await;
    let with = |mut sighting: Sighting, provider: &str, usage, confidence| {
        sighting.properties.push(Property::text("provider", provider));
        sighting.evidence = vec![seen(sighting.evidence[0].path().unwrap(), 3, usage, confidence)];
        sighting
    };
    let look = Look::at(1)
        .file(
            PYTHON,
            "app/main.py",
            "a",
            vec![
                with(sdk("openai", "app/main.py"), "openai", Usage::Runtime, 95),
                with(
                    thing("model-reference", "openai/gpt-4o-mini", "app/main.py", 2),
                    "openai",
                    Usage::Runtime,
                    80,
                ),
                thing("agent", "Helper", "app/main.py", 4),
            ],
        )
        .file(
            PYTHON,
            "tests/test_main.py",
            "b",
            vec![
                with(sdk("anthropic", "tests/test_main.py"), "anthropic", Usage::Test, 60),
                with(sdk("openai", "tests/test_main.py"), "openai", Usage::Test, 50),
            ],
        )
        .file(
            PACKAGES,
            "app/uv.lock",
            "c",
            vec![
                with(pinned("openai", "app/uv.lock", "1.40.0"), "openai", Usage::Runtime, 99),
                with(pinned("chromadb", "app/uv.lock", "0.5"), "chroma", Usage::Development, 40),
            ],
        )
        .file(
            PYTHON,
            "x.py",
            "d",
            vec![thing("x-acme.flow", "zeta", "x.py", 1), thing("agent", "alpha", "x.py", 2)],
        );
    bench.record(&look).await;
    bench
}

async fn listed(bench: &Bench, query: AssetQuery) -> Vec<String> {
    bench.store.assets(&query).await.unwrap().items.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn orders() {
    let bench = shelf().await;
    let check = async |sort, expected: &[&str]| {
        for source in [None, Some(source())] {
            assert_eq!(
                listed(&bench, AssetQuery { sort, source, ..Default::default() }).await,
                expected,
                "{sort:?}"
            );
        }
    };
    check(Sort::Kind, &["openai/gpt-4o-mini", "anthropic", "chromadb", "openai", "alpha", "Helper", "zeta"])
        .await;
    check(Sort::Name, &["alpha", "anthropic", "chromadb", "Helper", "openai", "openai/gpt-4o-mini", "zeta"])
        .await;
    check(Sort::Usage, &["alpha", "Helper", "openai", "openai/gpt-4o-mini", "zeta", "chromadb", "anthropic"])
        .await;
    check(
        Sort::Confidence,
        &["openai", "alpha", "Helper", "zeta", "openai/gpt-4o-mini", "anthropic", "chromadb"],
    )
    .await;
}

#[tokio::test]
async fn filters() {
    let bench = shelf().await;
    let kind = |kind: &str| AssetKind::new(kind).unwrap();
    let all = AssetQuery::default;
    let check = async |query: AssetQuery, expected: &[&str]| {
        let query = AssetQuery { sort: Sort::Name, ..query };
        assert_eq!(listed(&bench, query.clone()).await, expected, "{query:?}");
        let total = bench.store.assets(&AssetQuery { limit: 1, ..query }).await.unwrap().total;
        assert_eq!(total, Total::Exact(expected.len() as u64));
    };
    check(
        AssetQuery { kinds: vec![kind("agent"), kind("x-acme.flow")], ..all() },
        &["alpha", "Helper", "zeta"],
    )
    .await;
    check(AssetQuery { usages: vec![Usage::Test, Usage::Development], ..all() }, &["anthropic", "chromadb"])
        .await;
    check(AssetQuery { plugins: vec![plugin(PACKAGES)], ..all() }, &["chromadb", "openai"]).await;
    check(AssetQuery { confidence: vec![ConfidenceBand::Possible], ..all() }, &["chromadb"]).await;
    check(
        AssetQuery { confidence: vec![ConfidenceBand::Possible, ConfidenceBand::Likely], ..all() },
        &["anthropic", "chromadb", "openai/gpt-4o-mini"],
    )
    .await;
    check(AssetQuery { providers: vec!["chroma".into()], ..all() }, &["chromadb"]).await;
    check(AssetQuery { path: Some("tests/".into()), ..all() }, &["anthropic", "openai"]).await;
    check(AssetQuery { path: Some("app/uv.lock".into()), ..all() }, &["chromadb", "openai"]).await;
    check(AssetQuery { path: Some("app".into()), ..all() }, &[]).await;
    check(AssetQuery { source: Some(SourceName::new("elsewhere").unwrap()), ..all() }, &[]).await;
    check(
        AssetQuery {
            kinds: vec![kind("sdk")],
            usages: vec![Usage::Runtime],
            text: Some("lock".into()),
            ..all()
        },
        &["openai"],
    )
    .await;
    check(AssetQuery { presence: Presence::Gone, ..all() }, &[]).await;
    bench.record(&Look::at(2)).await;
    check(all(), &[]).await;
    check(AssetQuery { presence: Presence::Gone, text: Some("alph".into()), ..all() }, &["alpha"]).await;
}

#[tokio::test]
async fn searches() {
    let bench = shelf().await;
    let check = async |text: &str, expected: &[&str]| {
        let query = AssetQuery { text: Some(text.into()), sort: Sort::Name, ..Default::default() };
        assert_eq!(listed(&bench, query).await, expected, "{text}");
    };
    check("gpt", &["openai/gpt-4o-mini"]).await;
    check("gpt-4o", &["openai/gpt-4o-mini"]).await;
    check("GPT-4O-mi", &["openai/gpt-4o-mini"]).await;
    check("pkg:pypi/chroma", &["chromadb"]).await;
    check("test_ma", &["anthropic", "openai"]).await;
    check("open main", &["openai", "openai/gpt-4o-mini"]).await;
    check("helper nothing", &[]).await;
    for everything in ["", "  ", "--", "\"*\""] {
        assert_eq!(
            listed(&bench, AssetQuery { text: Some(everything.into()), ..Default::default() }).await.len(),
            7
        );
    }
}

#[tokio::test]
async fn facets_count_what_another_choice_would_show() {
    let bench = shelf().await;
    let query = AssetQuery { kinds: vec![AssetKind::new("sdk").unwrap()], ..Default::default() };
    let facets = bench.store.facets(&query).await.unwrap();
    let words = |counts: Vec<(String, u64)>| {
        counts.into_iter().map(|(word, n)| format!("{word} {n}")).collect::<Vec<_>>()
    };
    let kinds = words(facets.kinds.iter().map(|count| (count.value.to_string(), count.count)).collect());
    assert_eq!(kinds, ["model-reference 1", "sdk 3", "agent 2", "x-acme.flow 1"]);
    let usages = words(facets.usages.iter().map(|count| (count.value.to_string(), count.count)).collect());
    assert_eq!(usages, ["runtime 1", "development 1", "test 1"]);
    let plugins = words(facets.plugins.iter().map(|count| (count.value.to_string(), count.count)).collect());
    assert_eq!(plugins, ["inventar/packages 2", "inventar/python 2"]);
    let bands =
        words(facets.confidence.iter().map(|count| (count.value.as_str().into(), count.count)).collect());
    assert_eq!(bands, ["certain 1", "likely 1", "possible 1"]);
    let providers = words(facets.providers.iter().map(|count| (count.value.clone(), count.count)).collect());
    assert_eq!(providers, ["anthropic 1", "chroma 1", "openai 1"]);
    assert_eq!((facets.sources.len(), facets.sources[0].count), (1, 3));
}

#[tokio::test]
async fn a_row_says_what_the_asset_is() {
    let bench = shelf().await;
    let query = AssetQuery {
        text: Some("openai".into()),
        kinds: vec![AssetKind::new("sdk").unwrap()],
        ..Default::default()
    };
    let page = bench.store.assets(&query).await.unwrap();
    let [row] = page.items.as_slice() else { panic!("{page:?}") };
    let asset = bench.store.asset(row.uid).await.unwrap().unwrap().asset;
    assert_eq!((&row.name, &row.kind, &row.version), (&asset.name, &asset.kind, &asset.version));
    assert_eq!(
        (row.usage, row.confidence, &row.plugins),
        (asset.usage(), asset.confidence(), &asset.plugins)
    );
    assert_eq!((row.path.as_deref(), row.line), (asset.evidence[0].path(), asset.evidence[0].line()));
    assert_eq!((row.evidence, row.provider.as_deref()), (3, Some("openai")));
    assert_eq!((row.standing, row.changed, &row.source), (Standing::Seen, Timestamp(60_000), &source()));
    assert_eq!(bench.store.asset(Uid::from_bytes([7; 16])).await.unwrap(), None);
}

#[tokio::test]
async fn tokens_belong_to_their_query() {
    let bench = shelf().await;
    let first = bench.store.assets(&AssetQuery { limit: 2, ..Default::default() }).await.unwrap();
    let token = first.next.unwrap();
    assert_eq!(PageToken::parse(&token.to_string()).unwrap(), token);
    let other = AssetQuery { sort: Sort::Name, after: Some(token), ..Default::default() };
    assert!(matches!(bench.store.assets(&other).await, Err(StoreError::PageToken)));
    for bad in ["", "abc", "e30", "💥"] {
        assert!(PageToken::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn paging_shows_twenty_thousand_assets_once_each() {
    let bench = Bench::new().await;
    let kinds = ["sdk", "agent", "tool", "x-acme.flow"];
    let mut minute = 0;
    for files in [0..100, 0..200] {
        minute += 1;
        let look = files.fold(Look::at(minute), |look, file| {
            let path = format!("d{}/f{file}.py", file % 7);
            let asset = |n: usize| {
                let mut one = thing(kinds[n % 4], &format!("n{}-{file}", n % 50), &path, n as u32);
                one.key = format!("{file} {n}");
                one.identifiers.clear();
                one.evidence = vec![seen(&path, n as u32 + 1, Usage::ALL[n % 7], (n % 101) as u8)];
                one
            };
            look.file(PYTHON, &path, "c", (0..100).map(asset).collect())
        });
        bench.record(&look).await;
    }
    let walk = async |query: AssetQuery| {
        let (mut seen, mut query) = (HashSet::new(), query);
        let mut pages = 0;
        loop {
            let page = bench.store.assets(&query).await.unwrap();
            pages += 1;
            for row in page.items {
                assert!(seen.insert(row.uid), "{row:?} twice");
            }
            match page.next {
                // Out as text and back.
                Some(token) => query.after = Some(PageToken::parse(&token.to_string()).unwrap()),
                None => return (seen.len(), pages, page.total),
            }
        }
    };
    for sort in Sort::ALL {
        let query = AssetQuery { sort, source: Some(source()), limit: 1000, ..Default::default() };
        assert_eq!(walk(query).await, (20_000, 20, Total::AtLeast(10_000)), "{sort:?}");
    }
    let tools = AssetQuery { kinds: vec![AssetKind::new("tool").unwrap()], limit: 999, ..Default::default() };
    assert_eq!(walk(tools).await, (5_000, 6, Total::Exact(5_000)));
    let folder =
        AssetQuery { path: Some("d3/".into()), limit: 500, sort: Sort::Changed, ..Default::default() };
    assert_eq!(walk(folder).await, (2_900, 6, Total::Exact(2_900)));
}
