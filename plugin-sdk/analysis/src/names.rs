//! What services call their own things, so that whoever speaks of a thing and whoever has it write the same identifier.
//!
//! A registry or a cloud gives out names: a model's, an endpoint's. Code that uses the thing knows the name and seldom the
//! account. A collector reports the thing with an identifier of scheme [`SCHEME`]; a detector reports a reference with an
//! edge that ends at it. The host joins them across sources, by name only: names never make two things one.
//!
//! ```
//! use inventar_analysis::names::{Address, Name};
//!
//! let address = Address::read("models:/churn@champion").expect("it is one");
//! assert_eq!(address.name().to_string(), "mlflow/model/churn@champion");
//! assert_eq!(Name::sagemaker_endpoint("Fraud").to_string(), "sagemaker/endpoint/fraud");
//! ```

use inventar_plugin_sdk::AssetRef;
use std::fmt;

/// The scheme of these identifiers.
pub const SCHEME: &str = "name";

/// Longer parts of addresses are none.
const MAX_PART: usize = 256;

/// The name of a thing at its service: `service/kind/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    service: &'static str,
    kind: &'static str,
    name: String,
}

impl Name {
    fn new(service: &'static str, kind: &'static str, name: impl Into<String>) -> Self {
        Self { service, kind, name: name.into() }
    }

    /// An endpoint of Amazon SageMaker; case does not distinguish them.
    pub fn sagemaker_endpoint(name: &str) -> Self {
        Self::new("sagemaker", "endpoint", name.to_ascii_lowercase())
    }

    /// A model of Amazon SageMaker.
    pub fn sagemaker_model(name: &str) -> Self {
        Self::new("sagemaker", "model", name.to_ascii_lowercase())
    }

    /// A group of model packages of Amazon SageMaker: what its registry has versions of.
    pub fn sagemaker_group(name: &str) -> Self {
        Self::new("sagemaker", "model-package-group", name.to_ascii_lowercase())
    }

    /// The endpoint of Amazon SageMaker that a URL is of. The host is shared by all accounts of a region.
    pub fn of_url(url: &str) -> Option<Self> {
        let (host, path) = url.split_once("://")?.1.split_once('/')?;
        let mut labels = host.split('.');
        let is_runtime = matches!(labels.next(), Some("runtime" | "runtime-fips"))
            && labels.next() == Some("sagemaker")
            && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
        let mut parts = path.split('/');
        let (endpoints, name, what) = (parts.next()?, parts.next()?, parts.next()?);
        (is_runtime && endpoints == "endpoints" && what.contains("invocations") && is_name(name))
            .then(|| Self::sagemaker_endpoint(name))
    }

    /// A registered model of MLflow.
    pub fn mlflow_model(name: &str) -> Self {
        Self::new("mlflow", "model", name)
    }

    /// A version of one.
    pub fn mlflow_version(name: &str, version: &str) -> Self {
        Self::new("mlflow", "model", format!("{name}/{version}"))
    }

    /// What an alias points to.
    pub fn mlflow_alias(name: &str, alias: &str) -> Self {
        Self::new("mlflow", "model", format!("{name}@{alias}"))
    }

    /// A run of MLflow.
    pub fn mlflow_run(id: &str) -> Self {
        Self::new("mlflow", "run", id)
    }

    /// A model that a run of MLflow logged.
    pub fn mlflow_logged_model(id: &str) -> Self {
        Self::new("mlflow", "logged-model", id)
    }

    /// For the end of an edge.
    pub fn reference(&self) -> AssetRef {
        AssetRef::known_as(SCHEME, self.to_string())
    }

    /// What it is called, without service and kind.
    pub fn bare(&self) -> &str {
        &self.name
    }

    /// What it is called, with its kind: for identities within one source.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// The scheme of those identities.
    pub fn vendor_scheme(&self) -> &'static str {
        match self.service {
            "sagemaker" => "x-sagemaker",
            _ => "x-mlflow",
        }
    }

    /// Whose service it is.
    pub fn provider(&self) -> &'static str {
        match self.service {
            "sagemaker" => "aws",
            other => other,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.service, self.kind, self.name)
    }
}

/// Where a model lies, as MLflow writes it: `models:/churn/3`, `models:/churn@champion`, `runs:/ID/model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A model of the registry, and which of its versions.
    Model(String, Which),
    /// What a run wrote, by the run's id.
    Run(String),
    /// A logged model, by its id.
    Logged(String),
}

/// Which version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// That one.
    Version(String),
    /// The one that an alias points to.
    Alias(String),
    /// The newest in a stage.
    Stage(&'static str),
    /// The newest, or one that is only known at run time.
    Any,
}

impl Address {
    /// Reads an address; a version that is only known at run time stands as `{}`. None: it is none, or a placeholder. An
    /// address says which version, if only `latest`: a volume of containers is mounted as `models:/models`.
    pub fn read(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("runs:/") {
            let id = rest.trim_start_matches('/').split('/').next()?;
            return is_hex_id(id).then(|| Self::Run(id.to_owned()));
        }
        let rest = text.strip_prefix("models:/")?;
        // `models://profile@host/name/3`: whose registry that is, a configuration elsewhere says.
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest.split_once('/')?.1,
            None => rest,
        };
        let rest = rest.trim_end_matches('/');
        if let Some(id) = rest.strip_prefix("m-").filter(|id| is_hex_id(id)) {
            return Some(Self::Logged(format!("m-{id}")));
        }
        let (name, which) = match (rest.split_once('/'), rest.split_once('@')) {
            (Some((name, version)), _) => match Which::read(version) {
                Which::Any if !version.eq_ignore_ascii_case("latest") && !is_open(version) => return None,
                which => (name, which),
            },
            (None, Some((name, alias))) if is_name(alias) => (name, Which::Alias(alias.to_owned())),
            (None, Some((name, alias))) if is_open(alias) => (name, Which::Any),
            _ => return None,
        };
        is_model_name(name).then(|| Self::Model(name.to_owned(), which))
    }

    /// What the registry calls it.
    pub fn name(&self) -> Name {
        match self {
            Self::Model(name, Which::Version(version)) => Name::mlflow_version(name, version),
            Self::Model(name, Which::Alias(alias)) => Name::mlflow_alias(name, alias),
            Self::Model(name, Which::Stage(stage)) => Name::mlflow_version(name, stage),
            Self::Model(name, Which::Any) => Name::mlflow_model(name),
            Self::Run(id) => Name::mlflow_run(id),
            Self::Logged(id) => Name::mlflow_logged_model(id),
        }
    }

    /// The edge from a reference to what has that name.
    pub const fn edge(&self) -> &'static str {
        match self {
            Self::Model(_, Which::Any) => "instance-of",
            Self::Model(..) | Self::Logged(_) => "resolves-to",
            Self::Run(_) => "derived-from",
        }
    }
}

impl Which {
    /// `3`, `Production`, `latest`.
    pub fn read(text: &str) -> Self {
        match stage(text) {
            _ if !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::Version(text.to_owned())
            }
            Some(stage) => Self::Stage(stage),
            None => Self::Any,
        }
    }
}

/// A stage as MLflow writes it, in whatever case. Without one a version is in none.
pub fn stage(text: &str) -> Option<&'static str> {
    ["Staging", "Production", "Archived"].into_iter().find(|stage| stage.eq_ignore_ascii_case(text))
}

/// Whether a text can be a name that a registry gave out, and not a placeholder for one.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_PART
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "/:@{}<>$%*\"'`\\".contains(c))
}

/// MLflow forbids only `/` and `:` in the names of models; blanks within them are in use.
fn is_model_name(text: &str) -> bool {
    text.split(' ').all(is_name)
}

/// `{}`, `${VERSION}`, `{{ version }}`: what stands there is only known at run time.
fn is_open(text: &str) -> bool {
    text.contains(['{', '$'])
}

/// How MLflow writes the ids that it gives out.
fn is_hex_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let logged = format!("models:/m-{}", "0af".repeat(11).split_at(32).0);
        let logged_name = format!("resolves-to mlflow/logged-model/m-{}", "0af".repeat(11).split_at(32).0);
        for (text, expected) in [
            ("models:/churn/3", "resolves-to mlflow/model/churn/3"),
            ("models:/churn/3/", "resolves-to mlflow/model/churn/3"),
            ("models:/churn@champion", "resolves-to mlflow/model/churn@champion"),
            ("models:/churn/production", "resolves-to mlflow/model/churn/Production"),
            ("models:/churn/latest", "instance-of mlflow/model/churn"),
            ("models:/churn/{}", "instance-of mlflow/model/churn"),
            ("models:/churn@{}", "instance-of mlflow/model/churn"),
            ("models:/churn/${VERSION}", "instance-of mlflow/model/churn"),
            ("models:/churn", ""),
            ("models:/models", ""),
            ("models:/models/llama", ""),
            ("models:/catalog.schema.churn/3", "resolves-to mlflow/model/catalog.schema.churn/3"),
            ("models://databricks/churn/3", "resolves-to mlflow/model/churn/3"),
            ("models:///churn/3", "resolves-to mlflow/model/churn/3"),
            ("models:/m-family/3", "resolves-to mlflow/model/m-family/3"),
            (logged.as_str(), logged_name.as_str()),
            (
                "runs:/0123456789abcdef0123456789abcdef/model",
                "derived-from mlflow/run/0123456789abcdef0123456789abcdef",
            ),
            ("runs:/data", ""),
            ("models:/", ""),
            ("models:/{}/3", ""),
            ("models:/<name>/3", ""),
            ("models:/churn risk/3", "resolves-to mlflow/model/churn risk/3"),
            ("models:/churn risk/3 is loaded", ""),
            ("runs:/{}/model", ""),
            ("runs:/", ""),
            ("s3://bucket/churn", ""),
        ] {
            let address = Address::read(text);
            let told = address.map(|address| format!("{} {}", address.edge(), address.name()));
            assert_eq!(told.unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn urls() {
        for (url, expected) in [
            ("https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/Fraud/invocations", "fraud"),
            (
                "https://runtime-fips.sagemaker.us-east-1.amazonaws.com/endpoints/fraud/async-invocations",
                "fraud",
            ),
            ("https://runtime.sagemaker.cn-north-1.amazonaws.com.cn/endpoints/fraud/invocations", "fraud"),
            ("https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/{}/invocations", ""),
            ("https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud", ""),
            ("https://runtime.sagemaker.eu-west-1.amazonaws.com.evil.io/endpoints/fraud/invocations", ""),
            ("https://api.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud/invocations", ""),
            ("https://runtime.sagemaker.eu-west-1.amazonaws.com", ""),
            ("", ""),
        ] {
            let name = Name::of_url(url);
            assert_eq!(name.as_ref().map_or("", Name::bare), expected, "{url}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,80}") {
            Address::read(&text);
            Name::of_url(&format!("https://runtime.sagemaker.x.amazonaws.com/{text}"));
            Address::read(&format!("models:/{text}"));
            Address::read(&format!("runs:/{text}"));
        }
    }
}
