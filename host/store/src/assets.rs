//! Pages and facets of assets.

use crate::document;
use crate::error::StoreError;
use crate::query::{
    AssetQuery, AssetRow, Bookmark, ConfidenceBand, Count, Facets, Page, PageToken, Presence, Sort, Standing,
    Total,
};
use crate::row::{Cells, int, position};
use crate::runs::find_source;
use crate::store::Store;
use inventar_model::{AssetKind, Confidence, PluginId, SourceName, Timestamp, Usage, Version};
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Providers that the facet lists.
const MAX_PROVIDERS: i64 = 50;

const COLUMNS: &str =
    "SELECT a.uid, a.rank, a.kind, a.name, a.version_form, a.version, a.usage, a.confidence, a.doubt,
    a.provider, a.plugins, a.path, a.line, a.n_evidence, a.standing, a.changed_run,
    (SELECT name FROM source WHERE id = a.source) AS source_name,
    (SELECT ended FROM run WHERE id = a.changed_run) AS changed
    FROM asset a";

/// A part of the query that a facet leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Facet {
    Source,
    Kind,
    Usage,
    Plugin,
    Confidence,
    Provider,
}

impl Store {
    /// A page of assets.
    pub async fn assets(&self, asked: &AssetQuery) -> Result<Page<AssetRow>, StoreError> {
        let mut db = self.read().await?;
        let Some(filter) = self.filter(&mut db, asked).await? else {
            return Ok(Page { items: vec![], next: None, total: Total::Exact(0) });
        };
        let limit = filter.limit();
        let mut query = filter.page()?;
        let rows = self.blamed(query.build().persistent(false).fetch_all(&mut *db).await)?;
        let more = rows.len() > limit;
        let mut items = Vec::with_capacity(limit.min(rows.len()));
        let mut next = None;
        for row in rows.iter().take(limit) {
            let cells = Cells::new(row, self.blame());
            items.push(asset_row(&cells)?);
            if more && items.len() == limit {
                next = Some(PageToken(bookmark(&cells, asked.sort)?));
            }
        }
        let total = self.total(&mut db, &filter).await?;
        Ok(Page { items, next, total })
    }

    /// How many assets there are by each value.
    pub async fn facets(&self, asked: &AssetQuery) -> Result<Facets, StoreError> {
        let mut db = self.read().await?;
        let Some(filter) = self.filter(&mut db, asked).await? else { return Ok(Facets::default()) };
        let blame = self.blame();
        let mut facets = Facets::default();

        let select =
            "SELECT (SELECT name FROM source WHERE id = a.source) AS value, count(*) AS n FROM asset a";
        for row in self.blamed(filter.grouped(select, Facet::Source, "a.source").fetch(&mut db).await)? {
            let cells = Cells::new(&row, blame);
            let value = cells.name("value", SourceName::new)?;
            facets.sources.push(Count { value, count: cells.count("n")? });
        }
        facets.sources.sort_by(|a, b| a.value.cmp(&b.value));

        let select = "SELECT a.kind AS value, count(*) AS n FROM asset a";
        for row in self.blamed(filter.grouped(select, Facet::Kind, "a.rank, a.kind").fetch(&mut db).await)? {
            let cells = Cells::new(&row, blame);
            let value = cells.name("value", AssetKind::new)?;
            facets.kinds.push(Count { value, count: cells.count("n")? });
        }

        let select = "SELECT a.usage AS value, count(*) AS n FROM asset a";
        for row in self.blamed(filter.grouped(select, Facet::Usage, "a.usage").fetch(&mut db).await)? {
            let cells = Cells::new(&row, blame);
            let value = cells.nth("value", Usage::ALL)?;
            facets.usages.push(Count { value, count: cells.count("n")? });
        }

        let select = "SELECT p.plugin AS value, count(*) AS n FROM asset a CROSS JOIN asset_plugin p ON p.asset = a.id";
        for row in self.blamed(filter.grouped(select, Facet::Plugin, "p.plugin").fetch(&mut db).await)? {
            let cells = Cells::new(&row, blame);
            let value = cells.name("value", PluginId::new)?;
            facets.plugins.push(Count { value, count: cells.count("n")? });
        }

        let select = "SELECT a.confidence AS value, count(*) AS n FROM asset a";
        let mut bands = ConfidenceBand::ALL.map(|value| Count { value, count: 0 });
        for row in
            self.blamed(filter.grouped(select, Facet::Confidence, "a.confidence").fetch(&mut db).await)?
        {
            let cells = Cells::new(&row, blame);
            let percent: u8 = cells.get("value")?;
            let within = |band: &&mut Count<ConfidenceBand>| {
                (band.value.range().0..=band.value.range().1).contains(&percent)
            };
            if let Some(band) = bands.iter_mut().find(within) {
                band.count += cells.count("n")?;
            }
        }
        facets.confidence = bands.into_iter().filter(|band| band.count > 0).collect();

        let select = "SELECT a.provider AS value, count(*) AS n FROM asset a";
        let mut providers = filter.grouped(select, Facet::Provider, "a.provider");
        providers
            .0
            .push(" HAVING a.provider IS NOT NULL ORDER BY n DESC, a.provider LIMIT ")
            .push_bind(MAX_PROVIDERS);
        for row in self.blamed(providers.fetch(&mut db).await)? {
            let cells = Cells::new(&row, blame);
            facets.providers.push(Count { value: cells.get("value")?, count: cells.count("n")? });
        }
        Ok(facets)
    }

    /// None: the source is not known, so there is nothing.
    async fn filter<'a>(
        &self,
        db: &mut SqliteConnection,
        asked: &'a AssetQuery,
    ) -> Result<Option<Filter<'a>>, StoreError> {
        let source = match &asked.source {
            None => None,
            Some(name) => match find_source(db, self.blame(), name).await? {
                None => return Ok(None),
                found => found,
            },
        };
        Ok(Some(Filter { asked, source, search: asked.text.as_deref().and_then(search_expression) }))
    }

    async fn total(&self, db: &mut SqliteConnection, filter: &Filter<'_>) -> Result<Total, StoreError> {
        let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM asset a");
        filter.push_where(&mut query, None);
        query.push(" LIMIT ").push_bind(int(AssetQuery::EXACT_TOTAL + 1)).push(")");
        let n: i64 = self.blamed(query.build_query_scalar().persistent(false).fetch_one(db).await)?;
        Ok(match n.unsigned_abs() {
            n if n > AssetQuery::EXACT_TOTAL => Total::AtLeast(AssetQuery::EXACT_TOTAL),
            n => Total::Exact(n),
        })
    }
}

/// A query whose source is known and whose words are made into a search.
struct Filter<'a> {
    asked: &'a AssetQuery,
    source: Option<i64>,
    search: Option<String>,
}

/// A grouped count, ready to run.
struct Grouped(QueryBuilder<Sqlite>);

impl Grouped {
    async fn fetch(mut self, db: &mut SqliteConnection) -> Result<Vec<sqlx::sqlite::SqliteRow>, sqlx::Error> {
        self.0.build().persistent(false).fetch_all(db).await
    }
}

impl Filter<'_> {
    fn limit(&self) -> usize {
        let limit = match self.asked.limit {
            0 => AssetQuery::DEFAULT_LIMIT,
            limit => limit.min(AssetQuery::MAX_LIMIT),
        };
        limit as usize
    }

    /// One row more than the page has tells whether there is a next one.
    fn page(&self) -> Result<QueryBuilder<Sqlite>, StoreError> {
        let mut query = QueryBuilder::new(COLUMNS);
        self.push_where(&mut query, None);
        if let Some(PageToken(mark)) = &self.asked.after {
            if mark.sort != self.asked.sort.as_str() {
                return Err(StoreError::PageToken);
            }
            push_after(&mut query, self.asked.sort, mark);
        }
        query.push(match self.asked.sort {
            Sort::Kind => " ORDER BY a.rank, a.kind, a.name, a.uid",
            Sort::Name => " ORDER BY a.name, a.uid",
            Sort::Usage => " ORDER BY a.usage, a.name, a.uid",
            Sort::Confidence => " ORDER BY a.doubt, a.name, a.uid",
            Sort::Changed => " ORDER BY a.changed_run DESC, a.uid DESC",
        });
        query.push(" LIMIT ").push_bind(int(self.limit() + 1));
        Ok(query)
    }

    fn grouped(&self, select: &str, facet: Facet, by: &str) -> Grouped {
        let mut query = QueryBuilder::new(select);
        self.push_where(&mut query, Some(facet));
        query.push(" GROUP BY ").push(by);
        Grouped(query)
    }

    fn push_where(&self, query: &mut QueryBuilder<Sqlite>, without: Option<Facet>) {
        let asked = self.asked;
        query.push(" WHERE a.present = ").push_bind(asked.presence == Presence::Present);
        if let Some(source) = self.source
            && without != Some(Facet::Source)
        {
            query.push(" AND a.source = ").push_bind(source);
        }
        if !asked.kinds.is_empty() && without != Some(Facet::Kind) {
            push_in(query, " AND a.kind IN ", asked.kinds.iter().map(|kind| kind.as_str().to_owned()));
        }
        if !asked.usages.is_empty() && without != Some(Facet::Usage) {
            push_in(query, " AND a.usage IN ", asked.usages.iter().map(|usage| position(Usage::ALL, usage)));
        }
        if !asked.plugins.is_empty() && without != Some(Facet::Plugin) {
            let plugins = asked.plugins.iter().map(|plugin| plugin.as_str().to_owned());
            push_in(
                query,
                " AND EXISTS (SELECT 1 FROM asset_plugin q WHERE q.asset = a.id AND q.plugin IN ",
                plugins,
            );
            query.push(")");
        }
        if !asked.confidence.is_empty() && without != Some(Facet::Confidence) {
            query.push(" AND (");
            for (at, band) in asked.confidence.iter().enumerate() {
                let (low, high) = band.range();
                query.push(if at == 0 { "a.confidence BETWEEN " } else { " OR a.confidence BETWEEN " });
                query.push_bind(low).push(" AND ").push_bind(high);
            }
            query.push(")");
        }
        if !asked.providers.is_empty() && without != Some(Facet::Provider) {
            push_in(query, " AND a.provider IN ", asked.providers.iter().cloned());
        }
        if let Some(path) = &asked.path {
            query.push(" AND EXISTS (SELECT 1 FROM asset_path f WHERE f.asset = a.id AND ");
            match path.strip_suffix('/') {
                // Everything that begins so: '0' is the character after '/'.
                Some(folder) => query
                    .push("f.path >= ")
                    .push_bind(path.clone())
                    .push(" AND f.path < ")
                    .push_bind(format!("{folder}0")),
                None => query.push("f.path = ").push_bind(path.clone()),
            };
            query.push(")");
        }
        if let Some(search) = &self.search {
            query.push(" AND a.id IN (SELECT rowid FROM asset_text WHERE asset_text MATCH ");
            query.push_bind(search.clone()).push(")");
        }
    }
}

fn push_in<T>(query: &mut QueryBuilder<Sqlite>, head: &str, values: impl Iterator<Item = T>)
where
    T: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>,
{
    query.push(head).push("(");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    query.push(")");
}

/// Behind the last row of the page before, in the order of an index.
fn push_after(query: &mut QueryBuilder<Sqlite>, sort: Sort, mark: &Bookmark) {
    let (number, name, uid) = (mark.number, mark.name.clone(), mark.uid.to_vec());
    query.push(match sort {
        Sort::Kind => " AND (a.rank, a.kind, a.name, a.uid) > (",
        Sort::Name => " AND (a.name, a.uid) > (",
        Sort::Usage => " AND (a.usage, a.name, a.uid) > (",
        Sort::Confidence => " AND (a.doubt, a.name, a.uid) > (",
        Sort::Changed => " AND (a.changed_run, a.uid) < (",
    });
    let mut values = query.separated(", ");
    match sort {
        Sort::Kind => values.push_bind(number).push_bind(mark.kind.clone()).push_bind(name),
        Sort::Name => values.push_bind(name),
        Sort::Usage | Sort::Confidence => values.push_bind(number).push_bind(name),
        Sort::Changed => values.push_bind(number),
    };
    values.push_bind(uid);
    query.push(")");
}

fn bookmark(cells: &Cells<'_>, sort: Sort) -> Result<Bookmark, StoreError> {
    let number = match sort {
        Sort::Kind => cells.get("rank")?,
        Sort::Name => 0,
        Sort::Usage => cells.get("usage")?,
        Sort::Confidence => cells.get("doubt")?,
        Sort::Changed => cells.get("changed_run")?,
    };
    Ok(Bookmark {
        sort: sort.as_str().to_owned(),
        number,
        kind: cells.get("kind")?,
        name: cells.get("name")?,
        uid: *cells.uid("uid")?.as_bytes(),
    })
}

fn asset_row(cells: &Cells<'_>) -> Result<AssetRow, StoreError> {
    let version = match cells.get::<Option<&str>>("version_form")? {
        None => None,
        Some(_) => {
            let text: String = cells.get("version")?;
            Some(cells.word("version_form", |form| Version::from_form(form, text.clone()))?)
        }
    };
    let plugins: Vec<String> =
        document::read_list(cells.get("plugins")?).map_err(|error| cells.blame.corrupt(error))?;
    let plugins: Result<Vec<PluginId>, _> = plugins.into_iter().map(PluginId::new).collect();
    Ok(AssetRow {
        uid: cells.uid("uid")?,
        source: cells.name("source_name", SourceName::new)?,
        kind: cells.name("kind", AssetKind::new)?,
        name: cells.get("name")?,
        version,
        usage: cells.nth("usage", Usage::ALL)?,
        confidence: Confidence::new(cells.get("confidence")?),
        provider: cells.get("provider")?,
        plugins: plugins.map_err(|error| cells.blame.corrupt(error))?,
        path: cells.get("path")?,
        line: cells.get("line")?,
        evidence: cells.count("n_evidence")?,
        standing: cells.word("standing", Standing::from_word)?,
        changed: Timestamp(cells.get("changed")?),
    })
}

/// Every word must begin a word of the text, in FTS5's language; quoted, so that nothing in it is an operator. None
/// when there is nothing to search for.
fn search_expression(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"*", word.replace(['"', '\0'], " ")))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;
