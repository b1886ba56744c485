//! Plans: a page reads an index in order and stops.

use super::*;
use crate::store::{OpenOptions, Store};
use sqlx::{AssertSqlSafe, Row as _};

async fn plan(store: &Store, query: QueryBuilder<Sqlite>) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", query.sql().as_str());
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *store.read().await.unwrap()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

fn mark(sort: Sort) -> PageToken {
    let sort = sort.as_str().into();
    PageToken(Bookmark { sort, number: 1, kind: "sdk".into(), name: "n".into(), uid: [0; 16] })
}

#[tokio::test]
async fn pages_read_an_index_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), OpenOptions::default()).await.unwrap();
    for sort in Sort::ALL {
        for source in [None, Some(1)] {
            for after in [None, Some(mark(sort))] {
                let asked = AssetQuery { sort, after: after.clone(), ..Default::default() };
                let filter = Filter { asked: &asked, source, search: None };
                let plan = plan(&store, filter.page().unwrap()).await;
                assert!(!plan.contains("SCAN"), "{sort:?} {source:?}:\n{plan}");
                let sorted_by_index = source.is_some() || !matches!(sort, Sort::Usage | Sort::Confidence);
                assert_eq!(!plan.contains("TEMP B-TREE"), sorted_by_index, "{sort:?} {source:?}:\n{plan}");
                if sorted_by_index && after.is_some() {
                    assert!(plan.contains(['>', '<']), "starts at the bookmark:\n{plan}");
                }
            }
        }
    }
}

#[tokio::test]
async fn filters_and_counts_use_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), OpenOptions::default()).await.unwrap();
    let base = AssetQuery::default;
    let queries = [
        AssetQuery { kinds: vec![AssetKind::new("sdk").unwrap()], ..base() },
        AssetQuery { usages: vec![Usage::Test], ..base() },
        AssetQuery { plugins: vec![PluginId::new("a/b").unwrap()], ..base() },
        AssetQuery { confidence: vec![ConfidenceBand::Likely], ..base() },
        AssetQuery { providers: vec!["openai".into()], ..base() },
        AssetQuery { path: Some("app/".into()), ..base() },
    ];
    for asked in &queries {
        let filter = Filter { asked, source: Some(1), search: None };
        for query in [
            filter.page().unwrap(),
            filter.grouped("SELECT count(*) FROM asset a", Facet::Source, "a.kind").0,
        ] {
            let plan = plan(&store, query).await;
            assert!(!plan.contains("SCAN"), "{asked:?}:\n{plan}");
        }
    }
}

#[test]
fn search_expressions() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(search_expression(text).as_deref(), expected, "{text:?}")
    };
    check("gpt", Some("\"gpt\"*"));
    check(" gpt-4o  mini ", Some("\"gpt-4o\"* \"mini\"*"));
    check("a\"b OR c*", Some("\"a b\"* \"OR\"* \"c*\"*"));
    check("", None);
    check("\"* -", None);
}
