//! What other sources say of the same thing: worked out when it is asked, never merged.
//!
//! Two ways lead from one source into another. An asset of another source has the same strong identifier: then both are
//! probably sights of one thing. Or an edge ends at an identifier that nothing in its own source claims to be, and an
//! asset of another source does. Each comes with the identifier: that is the reason.

use crate::error::StoreError;
use crate::row::Cells;
use crate::store::Store;
use inventar_model::{AssetKind, Identifier, RelationKind, SourceName, Uid};
use sqlx::{query, sqlite::SqliteRow};

/// An asset of another source that belongs to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// How.
    pub link: Link,
    /// Both have it, or the edge names it: why we think so.
    pub identifier: Identifier,
    /// Its source.
    pub source: SourceName,
    /// Its id.
    pub uid: Uid,
    /// Its kind.
    pub kind: AssetKind,
    /// Its name.
    pub name: String,
}

/// How an asset of another source belongs to this one. Inferred from an identifier, all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Probably the same thing, seen from another side.
    Same,
    /// An edge from this one leads there.
    To(RelationKind),
    /// An edge from there leads to this one.
    From(RelationKind),
}

/// Which link an edge of that kind is.
type Edge = fn(RelationKind) -> Link;

/// So many of each way are told; what more share an identifier say too little of each other.
const MAX_EACH: i64 = 50;

/// Names of variables and places in a tree are the same in many sources without meaning the same thing, and a package is
/// not a thing that several sources see: they each use it.
const SAME: &str = "
    SELECT DISTINCT NULL AS kind_of_edge, i.scheme, i.value, s.name AS source_name, a.uid, a.kind, a.name
    FROM asset me JOIN asset_identifier mine ON mine.asset = me.id
        JOIN asset_identifier i ON i.scheme = mine.scheme AND i.value = mine.value
        JOIN asset a ON a.id = i.asset AND a.present = 1 AND a.source <> me.source
        JOIN source s ON s.id = a.source
    WHERE me.uid = ?1 AND mine.scheme NOT IN ('env', 'path', 'import', 'purl')
    ORDER BY i.scheme, i.value, s.name, a.rank, a.name, a.uid LIMIT ?2";

const TO: &str = "
    SELECT DISTINCT r.kind AS kind_of_edge, i.scheme, i.value, s.name AS source_name, a.uid, a.kind, a.name
    FROM asset me JOIN relation r ON r.from_asset = me.id
        JOIN asset_identifier i ON i.scheme = r.to_scheme AND i.value = r.to_value
        JOIN asset a ON a.id = i.asset AND a.present = 1 AND a.source <> me.source
        JOIN source s ON s.id = a.source
    WHERE me.uid = ?1 AND r.to_scheme NOT IN ('env', 'path', 'import')
    ORDER BY r.kind, s.name, a.rank, a.name, a.uid LIMIT ?2";

const FROM: &str = "
    SELECT DISTINCT r.kind AS kind_of_edge, r.to_scheme AS scheme, r.to_value AS value, s.name AS source_name, a.uid,
        a.kind, a.name
    FROM asset me JOIN asset_identifier i ON i.asset = me.id
        JOIN relation r ON r.to_scheme = i.scheme AND r.to_value = i.value
        JOIN asset a ON a.id = r.from_asset AND a.present = 1 AND a.source <> me.source
        JOIN source s ON s.id = a.source
    WHERE me.uid = ?1 AND i.scheme NOT IN ('env', 'path', 'import')
    ORDER BY r.kind, s.name, a.rank, a.name, a.uid LIMIT ?2";

impl Store {
    /// What belongs to an asset in other sources, at most 50 of each way: the same thing first, then edges from it, then
    /// edges to it.
    pub async fn elsewhere(&self, uid: Uid) -> Result<Vec<Elsewhere>, StoreError> {
        let mut db = self.read().await?;
        let mut found = Vec::new();
        let ways: [(&str, Edge); 3] = [(SAME, |_| Link::Same), (TO, Link::To), (FROM, Link::From)];
        for (sql, link) in ways {
            let rows = query(sql).bind(uid.as_bytes().as_slice()).bind(MAX_EACH).fetch_all(&mut *db).await;
            for row in self.blamed(rows)? {
                found.push(self.elsewhere_of(&row, link)?);
            }
        }
        Ok(found)
    }

    fn elsewhere_of(&self, row: &SqliteRow, link: fn(RelationKind) -> Link) -> Result<Elsewhere, StoreError> {
        let cells = Cells::new(row, self.blame());
        let identifier = Identifier::new(cells.get::<String>("scheme")?, cells.get::<String>("value")?);
        Ok(Elsewhere {
            link: match cells.get::<Option<&str>>("kind_of_edge")? {
                Some(_) => link(cells.name("kind_of_edge", RelationKind::new)?),
                None => Link::Same,
            },
            identifier: identifier.map_err(|error| cells.blame.corrupt(error))?,
            source: cells.name("source_name", SourceName::new)?,
            uid: cells.uid("uid")?,
            kind: cells.name("kind", AssetKind::new)?,
            name: cells.get("name")?,
        })
    }
}
