//! Every path with its handler, and what stands around them.

use crate::config::ServerConfig;
use crate::guard::{Hosts, guard};
use crate::problem::Problem;
use crate::{assets, boms, changes, console, coverage, facets, health, sources};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use inventar_store::Store;
use std::sync::LazyLock;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What every handler may use.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
}

/// The head of the OpenAPI document; its paths come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Inventar",
        description = "Reads an inventory of AI assets: what was found, why we believe it, and what was not looked at.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(),
    ),
    tags(
        (name = "assets", description = "What was found"),
        (name = "coverage", description = "What was looked at, and what was not"),
        (name = "sources", description = "What was scanned, when, and what changed"),
        (name = "boms", description = "Documents that other tools read"),
        (name = "server", description = "The server itself"),
    ),
    components(schemas(Problem))
)]
struct Head;

/// The description as it is served, made once.
pub(crate) static DESCRIPTION: LazyLock<String> = LazyLock::new(description);

/// The OpenAPI document of the API, as JSON: generated from the handlers that [`router()`] serves.
pub fn description() -> String {
    let (_, document) = routes().split_for_parts();
    document.to_pretty_json().unwrap_or_default()
}

/// A path is served and described by the same line.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(assets::list))
        .routes(routes!(assets::detail))
        .routes(routes!(facets::facets))
        .routes(routes!(coverage::coverage))
        .routes(routes!(sources::list))
        .routes(routes!(sources::runs))
        .routes(routes!(changes::changes))
        .routes(routes!(boms::bom))
        .routes(routes!(health::version))
        .routes(routes!(health::openapi))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}

/// The API and the console over that store.
pub fn router(store: Store, config: ServerConfig) -> Router {
    let hosts = Hosts::new(&config);
    let (api, _) = routes().split_for_parts();
    api.method_not_allowed_fallback(async || Problem::read_only())
        .fallback(console::serve)
        .with_state(App { store })
        .layer(middleware::from_fn_with_state(config, limit))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard))
}

/// Serves until `shutdown` is ready, then finishes what was begun.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

/// Ends what takes too long, and refuses bodies that nothing here needs.
async fn limit(State(config): State<ServerConfig>, request: Request, next: Next) -> Response {
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > config.max_body_bytes) {
        return Problem::too_large().into_response();
    }
    match tokio::time::timeout(config.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timed_out().into_response(),
    }
}
