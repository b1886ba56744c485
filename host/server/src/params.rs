//! Query parameters, parsed once into the words of the model.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use inventar_model::{AssetKind, InvalidName, PluginId, SourceName, Usage};
use inventar_store::{AssetQuery, ConfidenceBand, PageToken, Presence, Sort};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

/// The query string as `T`; what does not fit becomes a problem document.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// Which assets, in which order, which page. Several values of one parameter are separated by commas and widen the
/// answer; several parameters narrow it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssetParams {
    /// Of this source only.
    source: Option<String>,
    /// Of any of these kinds.
    #[serde(deserialize_with = "commas")]
    #[param(style = Form, explode = false)]
    kind: Vec<String>,
    /// Of any of these usages.
    #[serde(deserialize_with = "commas")]
    #[param(style = Form, explode = false)]
    usage: Vec<String>,
    /// Reported by any of these plugins.
    #[serde(deserialize_with = "commas")]
    #[param(style = Form, explode = false)]
    plugin: Vec<String>,
    /// `certain`, `likely`, `possible`.
    #[serde(deserialize_with = "commas")]
    #[param(style = Form, explode = false)]
    confidence: Vec<String>,
    /// Of any of these providers.
    #[serde(deserialize_with = "commas")]
    #[param(style = Form, explode = false)]
    provider: Vec<String>,
    /// With evidence in this file, or below this folder when it ends with `/`.
    path: Option<String>,
    /// Every word must begin a word of the name, an identifier, a property or a path.
    text: Option<String>,
    /// What is there (the default), or what is gone.
    #[param(inline)]
    presence: Option<PresenceWord>,
    /// In which order; `kind` when it is left out.
    #[param(inline)]
    sort: Option<SortWord>,
    /// Rows a page, 1 to 1,000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Behind the page that gave this token.
    page_token: Option<String>,
}

/// Whether an asset is there.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PresenceWord {
    /// Listed now.
    Present,
    /// Retired.
    Gone,
}

/// Orders that an index serves.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SortWord {
    /// Kind, then name.
    Kind,
    /// Name.
    Name,
    /// Strongest usage first.
    Usage,
    /// Surest first.
    Confidence,
    /// Last changed first.
    Changed,
}

impl AssetParams {
    /// What the store is asked.
    pub(crate) fn query(&self) -> Result<AssetQuery, Problem> {
        let limit = self.limit.unwrap_or(AssetQuery::DEFAULT_LIMIT);
        if !(1..=AssetQuery::MAX_LIMIT).contains(&limit) {
            return Err(Problem::bad_request(format!("`limit` is {limit}, which is not 1 to 1,000")));
        }
        Ok(AssetQuery {
            source: self.source.as_deref().map(source).transpose()?,
            kinds: each(&self.kind, |text| AssetKind::new(text).map_err(invalid))?,
            usages: each(&self.usage, |text| Usage::from_word(text).ok_or_else(|| no_word("usage", text)))?,
            plugins: each(&self.plugin, |text| PluginId::new(text).map_err(invalid))?,
            confidence: each(&self.confidence, |text| {
                ConfidenceBand::from_word(text).ok_or_else(|| no_word("confidence", text))
            })?,
            providers: self.provider.clone(),
            path: given(&self.path),
            text: given(&self.text),
            presence: match self.presence {
                None | Some(PresenceWord::Present) => Presence::Present,
                Some(PresenceWord::Gone) => Presence::Gone,
            },
            sort: match self.sort {
                None | Some(SortWord::Kind) => Sort::Kind,
                Some(SortWord::Name) => Sort::Name,
                Some(SortWord::Usage) => Sort::Usage,
                Some(SortWord::Confidence) => Sort::Confidence,
                Some(SortWord::Changed) => Sort::Changed,
            },
            after: self.after()?,
            limit,
        })
    }

    fn after(&self) -> Result<Option<PageToken>, Problem> {
        given(&self.page_token)
            .map(|token| PageToken::parse(&token).map_err(|_| Problem::bad_page_token()))
            .transpose()
    }
}

/// Of which source.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourceParams {
    /// Of this source only.
    pub(crate) source: Option<String>,
}

/// A source's name.
pub(crate) fn source(text: &str) -> Result<SourceName, Problem> {
    SourceName::new(text).map_err(invalid)
}

pub(crate) fn invalid(error: InvalidName) -> Problem {
    Problem::bad_request(error.to_string())
}

fn no_word(parameter: &str, text: &str) -> Problem {
    let text: String = text.chars().take(80).collect();
    Problem::bad_request(format!("`{text}` is not a {parameter}"))
}

fn each<T>(texts: &[String], parse: impl Fn(&str) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| parse(text)).collect()
}

/// An empty text says nothing.
fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}

fn commas<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}
