//! The inventory of a source as a CycloneDX document.

use crate::params::Params;
use crate::problem::{Failed, Problem};
use crate::router::App;
use crate::sources::one;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use inventar_bom::{BomContext, SpecVersion, cyclonedx};
use inventar_model::{RunStatus, SourceName};
use serde::Deserialize;
use utoipa::IntoParams;

/// Of which source, and in which version of CycloneDX.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct BomParams {
    /// Of this source; it may be left out when there is only one.
    source: Option<String>,
    /// `1.7` (the default) or `1.6`.
    spec: Option<String>,
}

/// The BOM of a source, to be saved. Its time is that of the commit that was looked at; else it has none.
#[utoipa::path(
    get, operation_id = "get_bom", path = "/api/v1/bom", tag = "boms", params(BomParams),
    responses(
        (status = 200, content_type = "application/vnd.cyclonedx+json", body = Object),
        Failed
    )
)]
pub(crate) async fn bom(
    State(App { store }): State<App>,
    Params(params): Params<BomParams>,
) -> Result<Response, Problem> {
    let spec: SpecVersion = match params.spec.as_deref() {
        Some(text) => text.parse().map_err(|error| Problem::bad_request(format!("{error}")))?,
        None => SpecVersion::default(),
    };
    let source = one(&store, params.source.as_deref()).await?;
    let (run, inventory) = (store.latest_run(&source, None).await?, store.inventory(&source, None).await?);
    let Some((run, inventory)) = run.zip(inventory) else {
        return Err(Problem::no_source(source.as_str()));
    };
    // A large inventory takes a while to write: other requests go on meanwhile.
    let writing = tokio::task::spawn_blocking(move || {
        let context = BomContext {
            spec,
            epoch: None,
            revision: run.revision,
            tool_version: env!("CARGO_PKG_VERSION"),
            complete: run.status == RunStatus::Complete,
        };
        cyclonedx(&inventory, &context)
    });
    let document = writing.await.map_err(|error| {
        tracing::error!(%error, "the BOM was not finished");
        Problem::internal()
    })??;
    let attachment = format!("attachment; filename=\"{}.cdx.json\"", file_name(&source));
    let mut response = document.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(spec.media_type()));
    if let Ok(attachment) = HeaderValue::from_str(&attachment) {
        headers.insert(header::CONTENT_DISPOSITION, attachment);
    }
    Ok(response)
}

/// A file name that says which source it is of, on any system.
fn file_name(source: &SourceName) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    let name: String = source.as_str().chars().map(safe).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "inventory".to_owned() } else { name.chars().take(100).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names() {
        let check = |source: &str, expected: &str| {
            assert_eq!(file_name(&SourceName::new(source).expect("a name")), expected);
        };
        check("github.com/acme/app", "github.com-acme-app");
        check("../../etc/passwd", "etc-passwd");
        check("\"; rm -rf", "rm--rf");
        check("日本", "inventory");
    }
}
