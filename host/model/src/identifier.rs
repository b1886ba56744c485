//! Strong identities: what makes two sightings the same thing.

use crate::name::{InvalidName, is_kebab};
use std::fmt;
use std::net::IpAddr;

/// A strong identity in one scheme. Two assets of one kind in one source that share an *identifying* one are the same
/// asset; the other schemes only let relations find their target. What it says in another source is its [`Reach`].
///
/// | scheme | value | identifies | reaches |
/// |---|---|---|---|
/// | `purl` | package URL without a version | yes | its source: each uses the package |
/// | `model` | `provider/model-id`, lower case | yes | everywhere |
/// | `hf` | `org/name` on a model hub | yes | everywhere |
/// | `arn` | Amazon resource name | yes | everywhere |
/// | `oci` | image reference without a tag | yes | everywhere |
/// | `sha256` | digest of a file's bytes, hex | yes | everywhere |
/// | `env` | name of an environment variable | yes | its source |
/// | `url` | endpoint, canonical | yes | as far as its host does |
/// | `name` | `service/kind/name`, as the service itself calls it | no | wherever there is such a service |
/// | `path` | path from the source root | no | its source |
/// | `import` | `language:module` | no | its source |
/// | `x-…` | a vendor's own | yes | its source |
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    scheme: String,
    value: String,
}

/// Identifying schemes first, best first: an asset takes its identity from the first scheme it has.
const SCHEMES: &[(&str, bool, Reach)] = &[
    ("purl", true, Reach::Source),
    ("arn", true, Reach::World),
    ("hf", true, Reach::World),
    ("model", true, Reach::World),
    ("oci", true, Reach::World),
    ("sha256", true, Reach::World),
    ("url", true, Reach::World),
    ("env", true, Reach::Source),
    ("name", false, Reach::Name),
    ("path", false, Reach::Source),
    ("import", false, Reach::Source),
];

/// What it says when two sources have the same identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// That they speak of the same thing.
    World,
    /// That they use the same name. Another account, registry, cluster or private network may use it for something else.
    Name,
    /// Nothing.
    Source,
}

impl Identifier {
    /// The longest value in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Checks the scheme and that the value is printable and not empty.
    pub fn new(scheme: impl Into<String>, value: impl Into<String>) -> Result<Self, InvalidName> {
        let (scheme, value) = (scheme.into(), value.into());
        let known = SCHEMES.iter().any(|(name, ..)| *name == scheme);
        if !known && !scheme.strip_prefix("x-").is_some_and(is_kebab) {
            return Err(InvalidName::new("identifier scheme", &scheme, "it is neither registered nor `x-…`"));
        }
        if value.is_empty() || value.len() > Self::MAX_BYTES || value.chars().any(char::is_control) {
            let why = "it is empty, longer than 1,024 bytes, or has control characters";
            return Err(InvalidName::new("identifier", &value, why));
        }
        Ok(Self { scheme, value })
    }

    /// The scheme.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The value in that scheme.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether two assets of one kind that share it are one asset.
    pub fn identifies(&self) -> bool {
        SCHEMES.iter().find(|(name, ..)| *name == self.scheme).is_none_or(|(_, identifies, _)| *identifies)
    }

    /// What it says beside the same identifier of another source.
    pub fn reach(&self) -> Reach {
        let known = SCHEMES.iter().find(|(name, ..)| *name == self.scheme);
        let reach = known.map_or(Reach::Source, |(_, _, reach)| *reach);
        if self.scheme == "url" { reach.max(url_reach(&self.value)) } else { reach }
    }

    /// Order of preference for naming an asset; lower is better.
    pub fn rank(&self) -> usize {
        SCHEMES.iter().position(|(name, ..)| *name == self.scheme).unwrap_or(SCHEMES.len())
    }
}

/// How far a URL is the same place: as far as the name or number of its host.
fn url_reach(url: &str) -> Reach {
    let Some((scheme, rest)) = url.split_once("://") else { return Reach::Source };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match scheme {
        // Buckets and repositories have one owner in the world.
        "s3" | "gs" | "r2" | "oci" | "hf" => return Reach::World,
        "http" | "https" | "ws" | "wss" | "abfs" | "abfss" | "wasb" | "wasbs" => {}
        _ => return Reach::Source,
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(host) => host.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) if ip.is_loopback() || ip.is_unspecified() || ip.is_link_local() => Reach::Source,
        Ok(IpAddr::V4(ip)) if ip.is_private() => Reach::Name,
        Ok(IpAddr::V6(ip)) if ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() => {
            Reach::Source
        }
        Ok(IpAddr::V6(ip)) if ip.is_unique_local() => Reach::Name,
        Ok(_) => Reach::World,
        // The accounts of a region share the host, and each gives its endpoints names.
        Err(_) if SHARED.iter().any(|front| host.starts_with(front)) && rest.contains("/endpoints/") => {
            Reach::Name
        }
        Err(_) => host_reach(host.trim_end_matches('.')),
    }
}

/// Amazon SageMaker answers for all accounts there.
const SHARED: &[&str] = &["runtime.sagemaker.", "runtime-fips.sagemaker."];

/// `svc` and `cluster.local` are each cluster's own, `host.docker.internal` each machine's; a word alone is a neighbour
/// in a composition of containers.
fn host_reach(host: &str) -> Reach {
    const HERE: &[&str] = &["localhost", "localdomain", "svc", "cluster.local", "docker.internal"];
    const PRIVATE: &[&str] =
        &["internal", "local", "lan", "corp", "home", "home.arpa", "intranet", "intra", "private", "test"];
    let ends = |end: &&str| host.strip_suffix(end).is_some_and(|front| front.ends_with('.'));
    if !host.contains('.') || HERE.iter().any(ends) || host.contains(['{', '$', '<']) {
        Reach::Source
    } else if PRIVATE.iter().any(ends) {
        Reach::Name
    } else {
        Reach::World
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_an_identifier_reaches() {
        for (scheme, value, expected) in [
            ("arn", "arn:aws:s3:::weights", Reach::World),
            ("name", "mlflow/model/churn/3", Reach::Name),
            ("env", "MODEL", Reach::Source),
            ("x-acme", "7", Reach::Source),
            ("url", "s3://weights/churn/3", Reach::World),
            ("url", "hdfs://node/churn", Reach::Source),
            ("url", "file:///models/churn", Reach::Source),
            ("url", "churn", Reach::Source),
            ("url", "https://api.openai.com/v1", Reach::World),
            ("url", "https://user@models.acme.com:8443/v1", Reach::World),
            ("url", "http://8.8.8.8/v1", Reach::World),
            ("url", "https://runtime.sagemaker.eu-west-1.amazonaws.com", Reach::World),
            (
                "url",
                "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/churn/invocations",
                Reach::Name,
            ),
            ("url", "http://[2001:db8::1]:80/v1", Reach::World),
            ("url", "http://10.0.0.5:8000/v1", Reach::Name),
            ("url", "http://[fd00::5]:8000/v1", Reach::Name),
            ("url", "http://vllm.ml.internal:8000/v1", Reach::Name),
            ("url", "http://localhost:11434", Reach::Source),
            ("url", "http://127.0.0.1:11434", Reach::Source),
            ("url", "http://[::1]:11434", Reach::Source),
            ("url", "http://169.254.169.254/latest", Reach::Source),
            ("url", "http://ollama:11434", Reach::Source),
            ("url", "http://host.docker.internal:11434", Reach::Source),
            ("url", "http://vllm.ml.svc:8000/v1", Reach::Source),
            ("url", "http://vllm.ml.svc.cluster.local.:8000/v1", Reach::Source),
            ("url", "https://{}.openai.azure.com", Reach::Source),
        ] {
            let identifier = Identifier::new(scheme, value).unwrap();
            assert_eq!(identifier.reach(), expected, "{identifier}");
        }
    }

    #[test]
    fn schemes() {
        assert!(Identifier::new("purl", "pkg:pypi/openai").unwrap().identifies());
        assert!(!Identifier::new("path", "a/b").unwrap().identifies());
        assert!(!Identifier::new("name", "mlflow/model/a").unwrap().identifies());
        assert!(Identifier::new("x-acme", "7").unwrap().identifies());
        assert!(Identifier::new("mail", "a").is_err());
        assert!(Identifier::new("purl", "").is_err());
        assert!(Identifier::new("purl", "a\0b").is_err());
    }
}
