//! The workbench: an empty data folder, runs in a few words, and a look into the tables.

use inventar_model::*;
use inventar_store::{OpenOptions, Recorded, Store};
use sqlx::{Column as _, ConnectOptions as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _};
use std::collections::BTreeMap;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const PYTHON: &str = "inventar/python";
pub(crate) const PACKAGES: &str = "inventar/packages";

/// A data folder with an open store.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions { patience: Duration::from_secs(20), ..OpenOptions::default() }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), options()).await.unwrap();
        Self { folder, store }
    }

    pub(crate) async fn record(&self, look: &Look) -> Recorded {
        self.store.record(&look.run()).await.unwrap()
    }

    /// A connection of our own to look into the tables.
    pub(crate) async fn peek(&self) -> SqliteConnection {
        connect(self.store.path()).await
    }

    /// Rows by table.
    pub(crate) async fn counts(&self) -> BTreeMap<String, i64> {
        let mut db = self.peek().await;
        let mut counts = BTreeMap::new();
        for table in tables(&mut db).await {
            let sql = format!("SELECT count(*) FROM {table}");
            let n = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
            counts.insert(table, n);
        }
        counts
    }

    pub(crate) async fn dump(&self) -> String {
        dump(&mut self.peek().await).await
    }
}

pub(crate) async fn connect(path: &std::path::Path) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

/// Every ordinary table; those that hold the text index's data are among them.
pub(crate) async fn tables(db: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid";
    sqlx::query_scalar(sql).fetch_all(db).await.unwrap()
}

/// All rows as SQL; the schema is not in it.
pub(crate) async fn dump(db: &mut SqliteConnection) -> String {
    let mut sql = String::new();
    for table in tables(db).await {
        sql.push_str(&format!("DELETE FROM {table};\n"));
        let select = format!("SELECT * FROM {table} ORDER BY 1, 2");
        for row in sqlx::query(sqlx::AssertSqlSafe(select)).fetch_all(&mut *db).await.unwrap() {
            let stored: Vec<usize> = (0..row.len())
                .filter(|at| !(table == "asset" && row.column(*at).name() == "doubt"))
                .collect();
            let names: Vec<&str> = stored.iter().map(|at| row.column(*at).name()).collect();
            let values: Vec<String> = stored.iter().map(|at| literal(&row, *at)).collect();
            sql.push_str(&format!(
                "INSERT INTO {table} ({}) VALUES ({});\n",
                names.join(", "),
                values.join(", ")
            ));
        }
    }
    sql
}

fn literal(row: &sqlx::sqlite::SqliteRow, at: usize) -> String {
    let value = row.try_get_raw(at).unwrap();
    if value.is_null() {
        return "NULL".into();
    }
    match value.type_info().name() {
        "INTEGER" => row.get::<i64, _>(at).to_string(),
        "BLOB" => {
            let hex: String = row.get::<Vec<u8>, _>(at).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{hex}'")
        }
        _ => format!("'{}'", row.get::<String, _>(at).replace('\'', "''")),
    }
}

pub(crate) fn source() -> SourceName {
    SourceName::new("github.com/acme/app").unwrap()
}

pub(crate) fn plugin(id: &str) -> PluginId {
    PluginId::new(id).unwrap()
}

/// A look at a source, in a few words. Every file mentioned is a report.
#[derive(Clone)]
pub(crate) struct Look {
    run: Run,
}

impl Look {
    /// The n-th minute.
    pub(crate) fn at(minute: i64) -> Self {
        let ended = Timestamp(minute * 60_000);
        Self {
            run: Run {
                source: source(),
                reports: vec![],
                reports_digest: Digest::of(b""),
                gaps: vec![],
                status: RunStatus::Complete,
                revision: None,
                started: Timestamp(ended.0 - 1000),
                ended,
                plugins: vec![],
                files_seen: 10,
                files_inspected: 5,
                bytes_read: 1000,
                left_out: vec![LeftOut { rule: "symlink".into(), count: 1, examples: vec!["x".into()] }],
                unseen: vec![],
            },
        }
        .with(PYTHON, "1")
        .with(PACKAGES, "1")
    }

    /// A plugin that takes part, in some version.
    pub(crate) fn with(mut self, id: &str, version: &str) -> Self {
        self = self.without(id);
        self.run.plugins.push(PluginUse {
            id: plugin(id),
            version: version.into(),
            digest: Digest::of(version.as_bytes()),
            signed: true,
            files: 2,
            cached: 1,
            guest_micros: 77,
        });
        self
    }

    pub(crate) fn without(mut self, id: &str) -> Self {
        self.run.plugins.retain(|known| known.id != plugin(id));
        self
    }

    pub(crate) fn of(mut self, source: &str) -> Self {
        self.run.source = SourceName::new(source).unwrap();
        self
    }

    pub(crate) fn file(self, id: &str, path: &str, content: &str, assets: Vec<Sighting>) -> Self {
        self.report(id, path, content, Report { assets, ..Report::default() })
    }

    pub(crate) fn report(mut self, id: &str, path: &str, content: &str, report: Report) -> Self {
        let content = Digest::of(content.as_bytes());
        self.run.reports.push(FileReport { plugin: plugin(id), path: path.into(), content, report });
        self
    }

    pub(crate) fn unseen(mut self, path: &str, id: Option<&str>) -> Self {
        self.run.unseen.push(Unseen { path: path.into(), plugin: id.map(plugin) });
        self.run.status = RunStatus::Partial;
        self
    }

    pub(crate) fn interrupted(mut self) -> Self {
        self.run.status = RunStatus::Interrupted;
        self
    }

    pub(crate) fn gap(mut self, at: &str) -> Self {
        let gap = CoverageGap {
            at: at.into(),
            reason: GapReason::AccessDenied,
            detail: "permission denied".into(),
            retriable: true,
        };
        self.run.gaps.push(StampedGap { gap, plugin: None });
        self
    }

    pub(crate) fn reversed(mut self) -> Self {
        self.run.reports.reverse();
        self
    }

    /// The digest that the scan would compute.
    pub(crate) fn run(&self) -> Run {
        let mut run = self.run.clone();
        let mut parts: Vec<String> = run.reports.iter().map(|report| format!("{report:?}")).collect();
        parts.sort();
        run.reports_digest = Digest::of_parts(parts.iter().map(|part| part.as_bytes()));
        run
    }
}

/// A thing with a strong identity.
pub(crate) fn thing(kind: &str, name: &str, path: &str, line: u32) -> Sighting {
    let identifier = match kind {
        "sdk" | "framework" => Some(Identifier::new("purl", format!("pkg:pypi/{name}")).unwrap()),
        "model-reference" => Some(Identifier::new("model", name).unwrap()),
        _ => None,
    };
    Sighting {
        key: format!("{kind} {name}"),
        kind: AssetKind::new(kind).unwrap(),
        name: name.into(),
        version: None,
        identifiers: identifier.into_iter().collect(),
        properties: vec![],
        evidence: vec![seen(path, line, Usage::Runtime, 90)],
    }
}

pub(crate) fn seen(path: &str, line: u32, usage: Usage, confidence: u8) -> Evidence {
    let start_byte = u64::from(line) * 100;
    Evidence {
        place: Place::File { path: path.into(), start_byte, end_byte: start_byte + 10, line },
        rule: "import".into(),
        method: Method::Parsed,
        usage,
        confidence: Confidence::new(confidence),
        snippet: Some("import it".into()),
    }
}

pub(crate) fn sdk(name: &str, path: &str) -> Sighting {
    thing("sdk", name, path, 1)
}

pub(crate) fn pinned(name: &str, path: &str, version: &str) -> Sighting {
    Sighting { version: Some(Version::Exact(version.into())), ..sdk(name, path) }
}

/// `new sdk openai (source-changed)`
pub(crate) fn told(delta: &RunDelta) -> Vec<String> {
    delta
        .changes
        .iter()
        .map(|change| {
            let fields = if change.fields.is_empty() {
                String::new()
            } else {
                format!(" [{}]", change.fields.join(" "))
            };
            format!("{} {} {}{fields} ({})", change.change, change.kind, change.name, change.reason)
        })
        .collect()
}

pub(crate) fn names(inventory: &Inventory) -> Vec<&str> {
    inventory.assets.iter().map(|asset| asset.name.as_str()).collect()
}
