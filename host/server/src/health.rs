//! Whether the server lives, whether it can answer, and what it is.

use crate::problem::{Failed, Problem};
use crate::router::{App, DESCRIPTION};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether it is well.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
}

/// What is running.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionInfo {
    /// `inventar`
    name: &'static str,
    /// The program's version.
    version: &'static str,
    /// The version of the API.
    api: &'static str,
}

/// The process answers.
#[utoipa::path(get, operation_id = "get_liveness", path = "/livez", tag = "server", responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The inventory can be read.
#[utoipa::path(
    get, operation_id = "get_readiness", path = "/readyz", tag = "server",
    responses((status = 200, body = Health), Failed)
)]
pub(crate) async fn ready(State(App { store }): State<App>) -> Result<Json<Health>, Problem> {
    match store.sources().await {
        Ok(_) => Ok(Json(Health { status: "ok" })),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            Err(Problem::not_ready())
        }
    }
}

/// What is running.
#[utoipa::path(get, operation_id = "get_version", path = "/api/v1/version", tag = "server", responses((status = 200, body = VersionInfo)))]
pub(crate) async fn version() -> Json<VersionInfo> {
    Json(VersionInfo { name: "inventar", version: env!("CARGO_PKG_VERSION"), api: "v1" })
}

/// This description.
#[utoipa::path(
    get, operation_id = "get_openapi", path = "/api/openapi.json", tag = "server",
    responses((status = 200, content_type = "application/json", body = Object))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION.as_str())
}
