//! What a query and a body may say where the path alone does not tell reading from writing: nothing that makes the
//! request another one, and in GraphQL only queries. What several parsers could read differently is refused.

use super::{Asked, content_type, header};
use crate::url::parameters;
use inventar_model::{Denial, HttpMethod};
use serde_json::Value;

type Checked = Result<(), Denial>;

fn refused(why: &str) -> Checked {
    Err(Denial::Operation(why.to_owned()))
}

/// No parameter, key or spelling that some services take for another method or other letters.
pub(super) fn plain(asked: Asked<'_>) -> Checked {
    let query = asked.url.query().unwrap_or_default().as_bytes();
    if parameters(query).any(|(name, _)| overrides(&name)) {
        return refused("a parameter that overrides the method");
    }
    if asked.body.is_empty() {
        return Ok(());
    }
    if !is_utf8(asked) {
        return refused("a body in other letters than UTF-8");
    }
    let kind = content_type(asked);
    if kind.starts_with("multipart/") {
        return refused("a body in parts");
    }
    let names_another_method = match serde_json::from_slice::<Value>(asked.body) {
        Ok(Value::Object(entries)) => entries.keys().any(|name| overrides(name)),
        Ok(_) => false,
        Err(_) if kind != FORM && looks_like_json(asked.body) => {
            return refused("a body that only some read as JSON");
        }
        Err(_) => parameters(asked.body).any(|(name, _)| overrides(&name)),
    };
    if names_another_method { refused("a field that overrides the method") } else { Ok(()) }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether somebody could take it for JSON who is more patient than we are: with a byte-order mark, numbers out of range,
/// a comma too many.
fn looks_like_json(body: &[u8]) -> bool {
    let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
}

/// By RFC 9110, section 8.3.2, a parameter `charset` of the media type, perhaps in quotation marks.
fn is_utf8(asked: Asked<'_>) -> bool {
    let kind = header(asked, "content-type").unwrap_or_default();
    let mut charsets = kind.split(';').skip(1).filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8")) && std::str::from_utf8(asked.body).is_ok()
}

fn overrides(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase().replace('-', "_");
    ["_method", "x_http_method_override", "x_http_method", "x_method_override"].contains(&name.as_str())
}

/// Whether a path leads to GraphQL, wherever a service has put it.
pub(super) fn is_graphql(path: &str) -> bool {
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase();
        let name = segment.split(['.', ';']).next().unwrap_or_default();
        matches!(name, "graphql" | "gql")
    })
}

/// What a query consists of (GraphQL over HTTP, section 5). Not `extensions`: they can name a stored document, which
/// nobody sees here.
const FIELDS: [&str; 3] = ["query", "operationName", "variables"];

/// One document with nothing but queries.
pub(super) fn only_queries(asked: Asked<'_>) -> Checked {
    let query = asked.url.query().unwrap_or_default().as_bytes();
    let parts: Vec<(String, String)> = if asked.method == HttpMethod::Post {
        if !query.is_empty() {
            return refused("parameters in the URL beside the document of the body");
        }
        // Twice the same key would be the last one here, and the first one there: the text is looked at as well.
        if writes(&String::from_utf8_lossy(asked.body)) {
            return refused("a mutation or a subscription");
        }
        match serde_json::from_slice::<Value>(asked.body) {
            Ok(Value::Object(entries)) => {
                entries.into_iter().map(|(name, value)| (name, value.to_string())).collect()
            }
            _ => return refused("a body that is not one document of GraphQL in JSON"),
        }
    } else {
        parameters(query).collect()
    };
    if let Some((name, _)) = parts.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
        return Err(Denial::Operation(format!("`{}` beside a query", super::printable(name))));
    }
    if parts.iter().filter(|(name, _)| name == "query").count() != 1 {
        return refused("not one query");
    }
    if parts.iter().any(|(_, text)| writes(text)) { refused("a mutation or a subscription") } else { Ok(()) }
}

/// Whether a document could hold more than queries: words in strings and comments count too, since nothing is lost by
/// refusing them.
fn writes(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("\\u") || text.contains("mutation") || text.contains("subscription")
}
