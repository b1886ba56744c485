//! Chroma, interface v2: tenants hold databases hold collections. A database is a scope.

use crate::ask::{Client, Read, segment};
use crate::collection::{self, Collection};
use inventar_plugin_sdk::collector::{Cursor, Problem, Scope, Sink, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What its scopes begin with.
pub const STORE: &str = "chroma";
/// What only it answers.
pub const QUESTION: &str = "/api/v2/version";

/// Collections of a page; each costs a call to count its records.
const PAGE: usize = 30;
/// Databases of a page.
const DATABASES: usize = 500;
/// Pages of databases: more scopes than a host takes.
const DATABASE_PAGES: usize = 20;

/// Whether the answer to [`QUESTION`] is Chroma's: a version as a text.
pub fn answers(body: &Value) -> bool {
    body.is_string()
}

/// All databases of the tenants: Chroma lists no tenants, but says which one the login belongs to.
pub fn scopes(client: &Client, tenants: &[String]) -> Result<Vec<Scope>, Problem> {
    let mut tenants = tenants.to_vec();
    if tenants.is_empty() {
        let own = client.get("/api/v2/auth/identity").ok().and_then(|read| text(&read.body["tenant"]));
        tenants.push(own.filter(|tenant| tenant != "*").unwrap_or_else(|| "default_tenant".into()));
    }
    let mut scopes = vec![];
    for tenant in tenants.iter().map(|tenant| segment(tenant)) {
        for page in 0..DATABASE_PAGES {
            let offset = page * DATABASES;
            let path = format!("/api/v2/tenants/{tenant}/databases?limit={DATABASES}&offset={offset}");
            let read = client.get(&path).map_err(|trouble| {
                Problem::new("databases", trouble.gap("vector-stores:ListChromaDatabases").detail)
            })?;
            let names: Vec<String> = rows(&read.body).iter().filter_map(|row| text(&row["name"])).collect();
            scopes.extend(names.iter().map(|name| {
                Scope::new(format!("{STORE}/{tenant}/{}", segment(name)), "database", collection::name(name))
            }));
            if names.len() < DATABASES {
                break;
            }
        }
    }
    Ok(scopes)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    offset: usize,
    is_partial: bool,
}

/// One slice: a page of collections.
pub fn run(client: &Client, scope: &str, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let mut at: At = at.map_or(Ok(At { offset: 0, is_partial: false }), Cursor::read)?;
    let Some((tenant, database)) = scope.strip_prefix("chroma/").and_then(|rest| rest.split_once('/')) else {
        return Err(Problem::new("scope", format!("`{scope}` is no database")));
    };
    let base = format!("/api/v2/tenants/{tenant}/databases/{database}/collections");
    let page = match client.get(&format!("{base}?limit={PAGE}&offset={}", at.offset)) {
        Ok(page) => page,
        Err(trouble) => {
            sink.gap(trouble.gap("vector-stores:ListChromaCollections"));
            return Ok(Step::partial());
        }
    };
    if at.offset == 0 {
        let version = client.get(QUESTION).ok().and_then(|read| text(&read.body));
        collection::server(client.address(), "Chroma", version.as_deref(), &page.response, sink);
    }
    let rows = rows(&page.body);
    at.is_partial |= report(client, &base, &page, sink);
    at.offset += rows.len();
    sink.progress(at.offset as u64, None);
    if rows.len() == PAGE {
        Step::more(&at)
    } else if at.is_partial {
        Ok(Step::partial())
    } else {
        Ok(Step::complete())
    }
}

/// A page; whether some of it could not be counted.
fn report(client: &Client, base: &str, page: &Read, sink: &mut Sink) -> bool {
    let rows = rows(&page.body);
    let id = |row: &Value| segment(row["id"].as_str().unwrap_or_default());
    let paths: Vec<String> = rows.iter().map(|row| format!("{base}/{}/count", id(row))).collect();
    let counts = client.get_all(&paths);
    let failed = counts.iter().find_map(|count| count.as_ref().err());
    if let Some(trouble) = failed {
        sink.gap(trouble.gap("vector-stores:CountChromaRecords"));
    }
    for (row, count) in rows.iter().zip(&counts) {
        let mut found = read(row);
        found.count = count.as_ref().ok().and_then(|read| read.body.as_u64());
        if !found.name.is_empty() {
            collection::report(&found, "Chroma", &page.response, sink);
        }
    }
    failed.is_some()
}

fn read(row: &Value) -> Collection {
    let configuration = &row["configuration_json"];
    let function = &configuration["embedding_function"];
    let config = &function["config"];
    let model =
        ["model_name", "model", "model_id", "model_path", "url"].iter().find_map(|key| text(&config[*key]));
    Collection {
        database: text(&row["database"]).unwrap_or_default(),
        name: text(&row["name"]).unwrap_or_default(),
        dimensions: row["dimension"].as_u64().into_iter().collect(),
        distance: ["hnsw", "spann"].iter().find_map(|index| text(&configuration[*index]["space"])),
        function: text(&function["name"]),
        models: model.filter(|model| !model.contains("://")).into_iter().collect(),
        secret: text(&config["api_key_env_var"]),
        ..Collection::default()
    }
}

fn rows(body: &Value) -> &[Value] {
    body.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).filter(|text| !text.trim().is_empty())
}
