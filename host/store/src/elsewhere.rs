//! What other sources say of the same thing: worked out when it is asked, never merged.
//!
//! Two ways lead from one source into another. An asset of another source has the same strong identifier: then both are
//! sights of one thing. Or an edge ends at an identifier that nothing in its own source has, and an asset of another
//! source has it. Each comes with the identifier, which is the reason, and with what that is worth: some identifiers are
//! the same in the whole world, some are names that each account, registry or network gives out for itself.

use crate::error::StoreError;
use crate::row::{Cells, int};
use crate::store::Store;
use inventar_model::{AssetKind, Identifier, Reach, RelationKind, SourceName, Uid};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

/// An asset of another source that belongs to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// How.
    pub link: Link,
    /// Both have it, or the edge names it: why we think so.
    pub identifier: Identifier,
    /// What that is worth.
    pub basis: Basis,
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

/// What an identifier is worth as a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// It is the same thing wherever it is written.
    Exact,
    /// It is a name that others may have given to something else.
    Name {
        /// So many assets have it: the edge means one of them.
        of: u64,
    },
}

impl Basis {
    /// As documents write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Name { .. } => "name",
        }
    }

    /// How many the edge may mean, when that is more than one.
    pub const fn one_of(self) -> Option<u64> {
        match self {
            Self::Name { of } if of > 1 => Some(of),
            _ => None,
        }
    }
}

/// So many of each way are told; what more share an identifier say too little of each other.
const MAX_EACH: usize = 50;
/// So many identifiers of an asset, and ends of its edges, are looked for.
const MAX_IDENTIFIERS: i64 = 200;

const IDENTIFIERS: &str = "
    SELECT NULL AS edge, i.scheme, i.value FROM asset me JOIN asset_identifier i ON i.asset = me.id
    WHERE me.uid = ?1 AND i.scheme NOT IN ('env', 'import', 'path', 'purl') AND i.scheme NOT LIKE 'x-%'
    ORDER BY i.scheme, i.value LIMIT ?2";

const OPEN_ENDS: &str = "
    SELECT DISTINCT r.kind AS edge, r.to_scheme AS scheme, r.to_value AS value
    FROM asset me JOIN relation r ON r.from_asset = me.id
    WHERE me.uid = ?1 AND r.to_scheme IS NOT NULL ORDER BY r.kind, r.to_scheme, r.to_value LIMIT ?2";

/// Assets of other sources that have an identifier.
const HOLDERS: &str = "
    SELECT NULL AS edge, s.name AS source_name, a.uid, a.kind, a.name, count(*) OVER () AS holders
    FROM asset me JOIN asset_identifier i ON i.scheme = ?2 AND i.value = ?3
        JOIN asset a ON a.id = i.asset AND a.present = 1 AND a.source <> me.source
        JOIN source s ON s.id = a.source
    WHERE me.uid = ?1
    ORDER BY s.name, a.rank, a.name, a.uid LIMIT ?4";

/// Assets of other sources with an edge that ends at an identifier.
const POINTERS: &str = "
    SELECT DISTINCT r.kind AS edge, s.name AS source_name, a.uid, a.kind, a.name, (
            SELECT count(*) FROM asset_identifier j
                JOIN asset b ON b.id = j.asset AND b.present = 1 AND b.source <> a.source
            WHERE j.scheme = ?2 AND j.value = ?3
        ) AS holders
    FROM asset me JOIN relation r ON r.to_scheme = ?2 AND r.to_value = ?3
        JOIN asset a ON a.id = r.from_asset AND a.present = 1 AND a.source <> me.source
        JOIN source s ON s.id = a.source
    WHERE me.uid = ?1
    ORDER BY r.kind, s.name, a.rank, a.name, a.uid LIMIT ?4";

impl Store {
    /// What belongs to an asset in other sources, at most 50 of each way: the same thing first, then edges from it, then
    /// edges to it.
    pub async fn elsewhere(&self, uid: Uid) -> Result<Vec<Elsewhere>, StoreError> {
        let mut db = self.read().await?;
        let mine = self.identifiers(&mut db, uid, IDENTIFIERS).await?;
        let open = self.identifiers(&mut db, uid, OPEN_ENDS).await?;
        let mut found = Vec::new();
        // Names are given out anew in each account and registry: two that have one are not the same for it.
        for (_, identifier) in mine.iter().filter(|(_, mine)| mine.identifies()) {
            self.others(&mut db, uid, HOLDERS, identifier, &|_| Link::Same, &mut found).await?;
        }
        let end = found.len().min(MAX_EACH);
        found.truncate(end);
        for (edge, identifier) in &open {
            let Some(edge) = edge else { continue };
            self.others(&mut db, uid, HOLDERS, identifier, &|_| Link::To(edge.clone()), &mut found).await?;
        }
        let end = found.len().min(end + MAX_EACH);
        found.truncate(end);
        for (_, identifier) in &mine {
            let link = |edge: Option<RelationKind>| edge.map_or(Link::Same, Link::From);
            self.others(&mut db, uid, POINTERS, identifier, &link, &mut found).await?;
        }
        found.truncate(end + MAX_EACH);
        Ok(found)
    }

    /// Identifiers that say something in other sources, each with the edge that ends at it.
    async fn identifiers(
        &self,
        db: &mut SqliteConnection,
        uid: Uid,
        sql: &'static str,
    ) -> Result<Vec<(Option<RelationKind>, Identifier)>, StoreError> {
        let rows = query(sql).bind(uid.as_bytes().as_slice()).bind(MAX_IDENTIFIERS).fetch_all(db).await;
        let mut found = Vec::new();
        for row in self.blamed(rows)? {
            let cells = Cells::new(&row, self.blame());
            let identifier = Identifier::new(cells.get::<String>("scheme")?, cells.get::<String>("value")?);
            let identifier = identifier.map_err(|error| cells.blame.corrupt(error))?;
            if identifier.reach() != Reach::Source {
                found.push((edge(&cells)?, identifier));
            }
        }
        Ok(found)
    }

    async fn others(
        &self,
        db: &mut SqliteConnection,
        uid: Uid,
        sql: &'static str,
        identifier: &Identifier,
        link: &(dyn Fn(Option<RelationKind>) -> Link + Sync),
        found: &mut Vec<Elsewhere>,
    ) -> Result<(), StoreError> {
        let rows = query(sql)
            .bind(uid.as_bytes().as_slice())
            .bind(identifier.scheme())
            .bind(identifier.value())
            .bind(int(MAX_EACH))
            .fetch_all(db)
            .await;
        for row in self.blamed(rows)? {
            found.push(self.other(&row, identifier, link)?);
        }
        Ok(())
    }

    fn other(
        &self,
        row: &SqliteRow,
        identifier: &Identifier,
        link: &(dyn Fn(Option<RelationKind>) -> Link + Sync),
    ) -> Result<Elsewhere, StoreError> {
        let cells = Cells::new(row, self.blame());
        let link = link(edge(&cells)?);
        let basis = match (identifier.reach(), &link) {
            (Reach::World, _) => Basis::Exact,
            // Of what shares an address, none is chosen from the others.
            (_, Link::Same) => Basis::Name { of: 1 },
            _ => Basis::Name { of: cells.count("holders")? },
        };
        Ok(Elsewhere {
            link,
            identifier: identifier.clone(),
            basis,
            source: cells.name("source_name", SourceName::new)?,
            uid: cells.uid("uid")?,
            kind: cells.name("kind", AssetKind::new)?,
            name: cells.get("name")?,
        })
    }
}

fn edge(cells: &Cells<'_>) -> Result<Option<RelationKind>, StoreError> {
    match cells.get::<Option<&str>>("edge")? {
        Some(_) => cells.name("edge", RelationKind::new).map(Some),
        None => Ok(None),
    }
}
