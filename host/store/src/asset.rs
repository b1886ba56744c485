//! One asset with everything around it.

use crate::document;
use crate::error::{Blame, StoreError};
use crate::query::{AssetDetail, HistoryRow, RelationEnd, RelationRow, Standing};
use crate::row::Cells;
use crate::runs::RunId;
use crate::store::Store;
use inventar_model::{
    AssetKind, ChangeKind, Finding, Identifier, RelationKind, Retirement, SourceName, Timestamp, Uid,
};
use sqlx::{SqliteConnection, query};

/// `since_run` is the first run that did not see it; without one the latest run of the source did.
const ASSET: &str = "
    SELECT a.id, a.uid, a.document, a.standing, a.gone_reason, s.name AS source_name,
        (SELECT ended FROM run WHERE id = a.first_run) AS first_seen,
        (SELECT ended FROM run WHERE source = a.source AND (a.since_run IS NULL OR id < a.since_run)
         ORDER BY id DESC LIMIT 1) AS last_seen
    FROM asset a JOIN source s ON s.id = a.source WHERE a.uid = ?";

const RELATIONS_OUT: &str = "
    SELECT r.kind, r.to_scheme, r.to_value, r.document, o.uid AS other_uid, o.kind AS other_kind, o.name AS other_name
    FROM relation r LEFT JOIN asset o ON o.id = r.to_asset WHERE r.from_asset = ?
    ORDER BY r.kind, o.rank, o.name, o.uid, r.to_scheme, r.to_value";

const RELATIONS_IN: &str = "
    SELECT r.kind, r.to_scheme, r.to_value, r.document, o.uid AS other_uid, o.kind AS other_kind, o.name AS other_name
    FROM relation r JOIN asset o ON o.id = r.from_asset WHERE r.to_asset = ?
    ORDER BY r.kind, o.rank, o.name, o.uid";

impl Store {
    /// An asset that stands or once stood.
    pub async fn asset(&self, uid: Uid) -> Result<Option<AssetDetail>, StoreError> {
        let mut db = self.read().await?;
        let blame = self.blame();
        let row = query(ASSET).bind(uid.as_bytes().as_slice()).fetch_optional(&mut *db).await;
        let Some(row) = self.blamed(row)? else { return Ok(None) };
        let cells = Cells::new(&row, blame);
        let id: i64 = cells.get("id")?;
        let asset = document::asset(cells.uid("uid")?, cells.get("document")?);
        Ok(Some(AssetDetail {
            asset: asset.map_err(|error| blame.corrupt(error))?,
            source: cells.name("source_name", SourceName::new)?,
            standing: cells.word("standing", Standing::from_word)?,
            first_seen: Timestamp(cells.get("first_seen")?),
            last_seen: Timestamp(cells.get("last_seen")?),
            retirement: cells.get::<Option<&str>>("gone_reason")?.and_then(Retirement::from_word),
            relations_out: relations(&mut db, blame, RELATIONS_OUT, id).await?,
            relations_in: relations(&mut db, blame, RELATIONS_IN, id).await?,
            findings: findings(&mut db, blame, id).await?,
            history: history(&mut db, blame, id).await?,
        }))
    }
}

async fn relations(
    db: &mut SqliteConnection,
    blame: &Blame,
    sql: &'static str,
    id: i64,
) -> Result<Vec<RelationRow>, StoreError> {
    let rows = query(sql).bind(id).fetch_all(db).await.map_err(|error| blame.error(error))?;
    rows.iter().map(|row| relation(&Cells::new(row, blame))).collect()
}

fn relation(cells: &Cells<'_>) -> Result<RelationRow, StoreError> {
    let edge = document::edge(cells.get("document")?).map_err(|error| cells.blame.corrupt(error))?;
    let other = match cells.get::<Option<&str>>("to_scheme")? {
        Some(scheme) => {
            let identifier = Identifier::new(scheme, cells.get::<String>("to_value")?);
            RelationEnd::Unresolved(identifier.map_err(|error| cells.blame.corrupt(error))?)
        }
        None => RelationEnd::Asset {
            uid: cells.uid("other_uid")?,
            kind: cells.name("other_kind", AssetKind::new)?,
            name: cells.get("other_name")?,
        },
    };
    Ok(RelationRow {
        kind: cells.name("kind", RelationKind::new)?,
        other,
        properties: edge.properties,
        evidence: edge.evidence,
    })
}

async fn findings(db: &mut SqliteConnection, blame: &Blame, id: i64) -> Result<Vec<Finding>, StoreError> {
    let rows = query(
        "SELECT f.document FROM finding_about b JOIN finding f ON f.id = b.finding WHERE b.asset = ?
         ORDER BY f.severity DESC, f.rule, f.id",
    )
    .bind(id)
    .fetch_all(db)
    .await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            document::finding(Cells::new(row, blame).get("document")?).map_err(|error| blame.corrupt(error))
        })
        .collect()
}

async fn history(db: &mut SqliteConnection, blame: &Blame, id: i64) -> Result<Vec<HistoryRow>, StoreError> {
    let rows = query(
        "SELECT h.run, r.ended, h.change, h.reason, h.fields FROM asset_history h JOIN run r ON r.id = h.run
         WHERE h.asset = ? ORDER BY h.run DESC",
    )
    .bind(id)
    .fetch_all(db)
    .await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            Ok(HistoryRow {
                run: RunId(cells.get("run")?),
                at: Timestamp(cells.get("ended")?),
                change: cells.word("change", ChangeKind::from_word)?,
                reason: cells.word("reason", Retirement::from_word)?,
                fields: document::read_list(cells.get("fields")?).map_err(|error| blame.corrupt(error))?,
            })
        })
        .collect()
}
