//! What an operator connected. No secret passes here: credentials are named by where they are kept.

use crate::document;
use crate::error::StoreError;
use crate::row::{Cells, int, write_rows};
use crate::store::Store;
use inventar_model::{Budget, Connection, CredentialKind, CredentialSource, SourceName};
use sqlx::{Connection as _, SqliteConnection, query};
use std::collections::BTreeMap;

impl Store {
    /// Every connected source, by name.
    pub async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let mut db = self.read().await?;
        let rows = query("SELECT * FROM connection ORDER BY name").fetch_all(&mut *db).await;
        let mut connections = Vec::new();
        for row in self.blamed(rows)? {
            connections.push(self.connection_of(&mut db, &Cells::new(&row, self.blame())).await?);
        }
        Ok(connections)
    }

    /// A connected source.
    pub async fn connection(&self, name: &SourceName) -> Result<Option<Connection>, StoreError> {
        let mut db = self.read().await?;
        let row = query("SELECT * FROM connection WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *db)
            .await;
        match self.blamed(row)? {
            Some(row) => Ok(Some(self.connection_of(&mut db, &Cells::new(&row, self.blame())).await?)),
            None => Ok(None),
        }
    }

    /// Connects a source, or says anew how it is connected.
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut writer = self.write().await?;
        let mut transaction = self.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
        self.blamed(put(&mut transaction, connection).await)?;
        self.blamed(transaction.commit().await)
    }

    /// Disconnects a source; false: there is none. What was recorded of it stays.
    pub async fn remove_connection(&self, name: &SourceName) -> Result<bool, StoreError> {
        let mut writer = self.write().await?;
        let done =
            query("DELETE FROM connection WHERE name = ?").bind(name.as_str()).execute(&mut *writer).await;
        Ok(self.blamed(done)?.rows_affected() > 0)
    }

    async fn connection_of(
        &self,
        db: &mut SqliteConnection,
        cells: &Cells<'_>,
    ) -> Result<Connection, StoreError> {
        let id: i64 = cells.get("id")?;
        let rows = query("SELECT * FROM connection_credential WHERE connection = ? ORDER BY slot")
            .bind(id)
            .fetch_all(db)
            .await;
        let mut credentials = BTreeMap::new();
        for row in self.blamed(rows)? {
            let cells = Cells::new(&row, self.blame());
            let options: Vec<(String, String)> = list(&cells, "options")?;
            let source = CredentialSource {
                kind: cells.word("kind", CredentialKind::from_word)?,
                reference: cells.get("reference")?,
                options: options.into_iter().collect(),
            };
            credentials.insert(cells.get("slot")?, source);
        }
        let limit = |column| Ok::<_, StoreError>(cells.get::<Option<i64>>(column)?.map(i64::unsigned_abs));
        Ok(Connection {
            name: cells.name("name", SourceName::new)?,
            plugin: cells.plugin("plugin")?,
            permissions: cells.digest("permissions")?,
            endpoint: cells.get("endpoint")?,
            allow_private: list(cells, "allow_private")?,
            authority: cells.get("authority")?,
            credentials,
            settings: cells.get("settings")?,
            budget: Budget {
                calls: limit("max_calls")?,
                bytes: limit("max_bytes")?,
                cost_microusd: limit("max_cost_microusd")?,
                seconds: limit("max_seconds")?,
            },
        })
    }
}

fn list<T: serde::de::DeserializeOwned>(cells: &Cells<'_>, column: &str) -> Result<Vec<T>, StoreError> {
    document::read_list(cells.get(column)?).map_err(|error| cells.blame.corrupt(error))
}

async fn put(db: &mut SqliteConnection, connection: &Connection) -> Result<(), sqlx::Error> {
    query("DELETE FROM connection WHERE name = ?").bind(connection.name.as_str()).execute(&mut *db).await?;
    let budget = &connection.budget;
    let id = query(
        "INSERT INTO connection (name, plugin, permissions, endpoint, allow_private, authority, settings, max_calls,
             max_bytes, max_cost_microusd, max_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(connection.name.as_str())
    .bind(connection.plugin.as_str())
    .bind(connection.permissions.as_bytes().as_slice())
    .bind(connection.endpoint.as_deref())
    .bind(document::list(&connection.allow_private))
    .bind(connection.authority.as_deref())
    .bind(&connection.settings)
    .bind(budget.calls.map(int))
    .bind(budget.bytes.map(int))
    .bind(budget.cost_microusd.map(int))
    .bind(budget.seconds.map(int))
    .execute(&mut *db)
    .await?
    .last_insert_rowid();
    let credentials: Vec<_> = connection.credentials.iter().collect();
    let head = "INSERT INTO connection_credential (connection, slot, kind, reference, options) ";
    write_rows(db, head, "", &credentials, |row, (slot, source)| {
        let options: Vec<_> = source.options.iter().collect();
        row.push_bind(id).push_bind((*slot).clone()).push_bind(source.kind.as_str());
        row.push_bind(source.reference.clone()).push_bind(document::list(&options));
    })
    .await
}
