//! Bad news as RFC 9457 problem documents: what, why, what to do next.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use inventar_store::StoreError;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// What every error of the API looks like, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`, or a URN that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What exactly happened.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
}

/// How the description says that every path may answer with a [`Problem`].
#[derive(IntoResponses)]
#[response(status = "default", description = "It failed, and why", content_type = "application/problem+json")]
#[expect(dead_code, reason = "only described")]
pub(crate) struct Failed(#[to_schema] Problem);

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>, hint: &str) -> Self {
        Self {
            kind: format!("urn:inventar:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            hint: hint.to_owned(),
        }
    }

    /// The request says something that has no meaning here.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        let hint = "the parameters are described in /api/openapi.json";
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail, hint)
    }

    /// A page token that was not made by this list, or not for these filters.
    pub(crate) fn bad_page_token() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "page-token",
            "The page token is not valid",
            "the token in `page_token` was not issued for this list and sort order",
            "leave `page_token` out to start at the first page",
        )
    }

    /// No such asset.
    pub(crate) fn no_asset(uid: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-asset",
            "There is no such asset",
            format!("no recorded source has an asset `{uid}`"),
            "it may belong to another data folder; search for it in /api/v1/assets",
        )
    }

    /// No such source.
    pub(crate) fn no_source(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-source",
            "There is no such source",
            format!("no recorded source is called `{name}`"),
            "list the sources with /api/v1/sources, or record one with `inventar scan`",
        )
    }

    /// A path that the API does not have.
    pub(crate) fn no_route(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-path",
            "The API has no such path",
            format!("nothing is served at `{path}`"),
            "the paths are described in /api/openapi.json",
        )
    }

    /// A method that a path does not have.
    pub(crate) fn read_only() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "read-only",
            "The API only reads",
            "this method is not served here",
            "use GET; what is in the inventory comes from `inventar scan`",
        )
    }

    /// A `Host` header that is not ours: somebody else's name leads to this machine.
    pub(crate) fn foreign_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign-host",
            "This name is not served here",
            "the Host header names neither this machine nor the bound address",
            "open the address that `inventar serve` printed",
        )
    }

    /// The body is larger than any request needs.
    pub(crate) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The request is too large",
            "no request to this API needs a body",
            "send the request without a body",
        )
    }

    /// The store took too long.
    pub(crate) fn timed_out() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "timed-out",
            "The answer took too long",
            "the query was stopped before it was finished",
            "ask for less: name a `source` or a `kind`, or use a smaller `limit`",
        )
    }

    /// Something that is our fault; the log has the details.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong here",
            "the request could not be answered; the log of the program says why",
            "try again, and run `inventar doctor` when it stays so",
        )
    }

    /// The inventory cannot be read right now.
    pub(crate) fn not_ready() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-ready",
            "The inventory cannot be read",
            "the database did not answer; the log of the program says why",
            "run `inventar doctor`",
        )
    }
}

/// The internal half goes to the log, once, here; the public half goes out.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::PageToken) {
            return Self::bad_page_token();
        }
        tracing::error!(error = &error as &dyn std::error::Error, "cannot read the inventory");
        if matches!(error, StoreError::Busy { .. }) { Self::not_ready() } else { Self::internal() }
    }
}

impl From<inventar_bom::BomError> for Problem {
    fn from(error: inventar_bom::BomError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot write the BOM");
        Self::internal()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
