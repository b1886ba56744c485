//! The console's files, as `web/` built them, inside the program.
//!
//! The build writes a `.br` and a `.gz` beside each file worth it; what a browser accepts is sent as it lies there.
//! Files under `static/` carry a hash in their name and never change; everything else is asked for again each time.
//! A path that is no file is a page of the console: it gets `index.html`, which looks at the path itself.

use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

/// `web/dist` as it was when the program was built; empty when the console was not built.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Shown in place of the console by a program that was built without it.
const WITHOUT_CONSOLE: &str = include_str!("without_console.html");

/// The encodings that the build makes, best first, with the ending of the file.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// Whether this program was built with the console.
pub fn is_built_in() -> bool {
    Files::get("index.html").is_some()
}

/// Answers everything that is not the API.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::no_route(uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::read_only().into_response();
    }
    match Files::get(path) {
        Some(file) => send(path, &file, &headers),
        // A missing script is an error, not a page: an old tab must not run HTML.
        None if path.starts_with("static/") => Problem::no_route(uri.path()).into_response(),
        None => page(&headers),
    }
}

/// The one page of the console, which finds its way by the address.
fn page(headers: &HeaderMap) -> Response {
    match Files::get("index.html") {
        Some(file) => send("index.html", &file, headers),
        None => {
            let kind =
                [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
            (kind, WITHOUT_CONSOLE).into_response()
        }
    }
}

fn send(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = etag(file);
    let mut response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::VARY, "Accept-Encoding")
        .header(header::CACHE_CONTROL, cache_control(path));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes()) {
        return finish(response.status(StatusCode::NOT_MODIFIED).body(Body::empty()));
    }
    let mut content = file.data.clone();
    for (encoding, ending) in ENCODINGS.into_iter().filter(|(encoding, _)| accepts(headers, encoding)) {
        if let Some(encoded) = Files::get(&format!("{path}.{ending}")) {
            response = response.header(header::CONTENT_ENCODING, encoding);
            content = encoded.data;
            break;
        }
    }
    finish(response.header(header::CONTENT_TYPE, file.metadata.mimetype()).body(Body::from(content)))
}

fn finish(response: Result<Response, axum::http::Error>) -> Response {
    response.unwrap_or_else(|_| Problem::internal().into_response())
}

fn cache_control(path: &str) -> &'static str {
    if path.starts_with("static/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// The first half of the content's SHA-256; weak, for it stands for every encoding of it.
fn etag(file: &EmbeddedFile) -> String {
    let hex: String = file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Whether the browser takes that encoding; `br;q=0` refuses it.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let Some(accepted) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == encoding && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let check = |accepted: &'static str, encoding, expected| {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().expect("a value"))]);
            assert_eq!(accepts(&headers, encoding), expected, "{accepted} {encoding}");
        };
        check("gzip, deflate, br", "br", true);
        check("gzip;q=0.8,br;q=0", "br", false);
        check("gzip;q=0.8,br;q=0", "gzip", true);
        check("identity", "gzip", false);
        check("", "br", false);
    }

    #[test]
    fn only_hashed_names_are_kept() {
        assert!(cache_control("static/index-4f2.js").contains("immutable"));
        assert_eq!(cache_control("index.html"), "no-cache");
        assert_eq!(cache_control("theme.js"), "no-cache");
    }
}
