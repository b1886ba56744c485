//! Milvus, interface v2: databases hold collections. A database is a scope. Everything is a POST, and an error is an
//! answer of status 200 with a code.

use crate::ask::{Answer, Client, Read, Trouble, segment};
use crate::collection::{self, Collection};
use inventar_plugin_sdk::collector::{Cursor, Failure, Problem, Scope, Sink, Step};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What its scopes begin with.
pub const STORE: &str = "milvus";

/// Collections of a slice: each costs two calls.
const SLICE: usize = 20;

const DATABASES: &str = "/v2/vectordb/databases/list";
const COLLECTIONS: &str = "/v2/vectordb/collections/list";
const DESCRIBE: &str = "/v2/vectordb/collections/describe";
const STATISTICS: &str = "/v2/vectordb/collections/get_stats";

/// All databases.
pub fn scopes(client: &Client) -> Result<Vec<Scope>, Trouble> {
    let read = one(client, DATABASES, json!({}))?;
    let names = read.body["data"].as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(names
        .map(|name| Scope::new(format!("{STORE}/{}", segment(name)), "database", collection::name(name)))
        .collect())
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct At {
    after: Option<String>,
    is_partial: bool,
}

/// One slice: the names after the last one.
pub fn run(client: &Client, scope: &str, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let mut at: At = at.map_or(Ok(At::default()), Cursor::read)?;
    let written = scope.strip_prefix("milvus/").unwrap_or_default();
    let database = percent_decode_str(written).decode_utf8_lossy().into_owned();
    let list = match one(client, COLLECTIONS, json!({ "dbName": database })) {
        Ok(list) => list,
        Err(trouble) => {
            sink.gap(trouble.gap("vector-stores:ListMilvusCollections"));
            return Ok(Step::partial());
        }
    };
    if at.after.is_none() {
        collection::server(client.address(), "Milvus", None, &list.response, sink);
    }
    let names = list.body["data"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = names.filter_map(Value::as_str).collect();
    names.sort_unstable();
    names.retain(|name| at.after.as_deref().is_none_or(|after| *name > after));
    let rest = names.len() > SLICE;
    names.truncate(SLICE);
    let requests: Vec<(&str, Value)> = names
        .iter()
        .flat_map(|name| {
            let body = json!({ "dbName": database, "collectionName": name });
            [(DESCRIBE, body.clone()), (STATISTICS, body)]
        })
        .collect();
    let mut answers = client.post_all(&requests).into_iter().map(success);
    for name in &names {
        let (described, counted) = (answers.next(), answers.next());
        let described = heard(described, "vector-stores:DescribeMilvusCollection", sink);
        let counted = heard(counted, "vector-stores:GetMilvusStatistics", sink);
        at.is_partial |= described.is_none() || counted.is_none();
        let body = described.as_ref().map(|read| &read.body["data"]).unwrap_or(&Value::Null);
        let mut found = Collection {
            database: database.clone(),
            name: (*name).to_owned(),
            status: body["load"].as_str().map(str::to_owned),
            ..Collection::default()
        };
        shape(&mut found, body);
        found.count = counted.and_then(|read| whole(&read.body["data"]["rowCount"]));
        let response = described.as_ref().map_or(&list.response, |read| &read.response);
        collection::report(&found, "Milvus", response, sink);
    }
    at.after = names.last().map(|last| (*last).to_owned());
    match (rest, at.is_partial) {
        (true, _) => Step::more(&at),
        (false, true) => Ok(Step::partial()),
        (false, false) => Ok(Step::complete()),
    }
}

/// The answer, or a gap.
fn heard(answer: Option<Answer>, action: &str, sink: &mut Sink) -> Option<Read> {
    match answer? {
        Ok(read) => Some(read),
        Err(trouble) => {
            sink.gap(trouble.gap(action));
            None
        }
    }
}

/// Dimensions from the fields, distance from the indexes, models from the functions.
fn shape(found: &mut Collection, body: &Value) {
    let rows = |key: &str| body[key].as_array().into_iter().flatten();
    for field in rows("fields") {
        let mut parameters = field["params"].as_array().into_iter().flatten();
        let dimension = parameters.find(|parameter| parameter["key"] == "dim");
        found.dimensions.extend(dimension.and_then(|parameter| whole(&parameter["value"])));
    }
    found.distance = rows("indexes").find_map(|index| index["metricType"].as_str().map(str::to_owned));
    found.aliases = rows("aliases").filter_map(|alias| alias.as_str().map(str::to_owned)).collect();
    for function in rows("functions") {
        let of = |key: &str| {
            let parameter =
                function["params"].as_array()?.iter().find(|parameter| parameter["key"] == key)?;
            parameter["value"].as_str().map(str::to_owned)
        };
        found.function = found.function.take().or_else(|| of("provider"));
        found.models.extend(of("model_name"));
    }
    found.models.sort();
    found.models.dedup();
}

/// A whole number, written as one or as a text.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn one(client: &Client, path: &str, body: Value) -> Answer {
    match client.post_all(&[(path, body)]).pop() {
        Some(answer) => success(answer),
        None => Err(Trouble::Odd("the host gave no answer".into())),
    }
}

/// A code that is neither 0 nor 200 is a failure; 1800 and 65535 with its words say that the login may not.
fn success(answer: Answer) -> Answer {
    let mut read = answer?;
    match read.body["code"].as_i64() {
        Some(0 | 200) => Ok(read),
        Some(code) => {
            let message = read.body["message"].as_str().unwrap_or_default().to_owned();
            let is_denied = code == 1800
                || ["privilege", "permission", "auth"]
                    .iter()
                    .any(|word| message.to_lowercase().contains(word));
            if is_denied {
                read.response.status = 403;
                return Err(Trouble::Refused(Failure::Status(Box::new(read.response))));
            }
            Err(Trouble::Odd(format!("Milvus answers code {code}: {}", collection::name(&message))))
        }
        None => Err(Trouble::Odd("the answer has no code".into())),
    }
}
