//! One asset that answers over a network as a service.

use super::component::{provider, text};
use super::document::{Property, Service};
use super::{Writer, evidence};
use inventar_model::{Asset, Version};

impl Writer<'_> {
    pub(super) fn service(&self, asset: &Asset) -> Service {
        let mut properties = self.names.properties(asset);
        if asset.kind.as_str() == "mcp-server" {
            properties.push(Property::new("cdx:mcp:serviceType", "server"));
            properties.sort();
        }
        // A service has no evidence of its own in CycloneDX.
        for occurrence in evidence::occurrences(asset) {
            let line = occurrence.line.map(|line| format!(":{line}")).unwrap_or_default();
            let value = format!("{}{line} {}", occurrence.location, occurrence.additional_context);
            properties.push(Property::new("inventar:occurrence", value));
        }
        properties.extend(self.names.findings(asset.uid));
        self.reporters(asset, &mut properties);

        let endpoints: Vec<String> = asset
            .identifiers
            .iter()
            .filter(|identifier| identifier.scheme() == "url")
            .map(|identifier| identifier.value().to_owned())
            .filter(|url| is_iri(url))
            .collect();
        let leaves = endpoints.iter().any(|url| !is_local(url));
        Service {
            bom_ref: asset.uid.to_string(),
            provider: provider(asset),
            name: asset.name.clone(),
            version: asset.version.as_ref().and_then(Version::exact).map(str::to_owned),
            description: text(asset, "description"),
            trust_boundary: (!endpoints.is_empty()).then_some(leaves),
            endpoints,
            properties,
        }
    }
}

/// Whether it can stand where CycloneDX wants an address; one with a hole in it (`https://{host}/v1`) stays a property.
fn is_iri(url: &str) -> bool {
    let hex = |at: usize| url.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    let escapes = url.match_indices('%').all(|(at, _)| hex(at + 1) && hex(at + 2));
    let excluded = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`[]#".contains(c);
    // Brackets belong to an IPv6 host only.
    let rest = url.find("://").map_or(url, |at| &url[at + 3..]);
    let rest = if rest.starts_with('[') { rest.split_once(']').map_or(rest, |(_, rest)| rest) } else { rest };
    escapes && !rest.contains(excluded)
}

/// Whether a URL stays on the machine that asks.
fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    host.starts_with("[::1]")
        || matches!(host.split(':').next(), Some("localhost" | "0.0.0.0"))
        || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::{is_iri, is_local};

    #[test]
    fn addresses() {
        for good in
            ["https://api.openai.com/v1", "http://[::1]:8080/", "https://a.example/%20?b=c", "bolt://db:7687"]
        {
            assert!(is_iri(good), "{good}");
        }
        for bad in [
            "https://{host}/v1",
            "https://a b",
            "https://a/%zz",
            "http://[::1]/[x]",
            "https://<name>.example",
        ] {
            assert!(!is_iri(bad), "{bad}");
        }
    }

    #[test]
    fn local_urls() {
        for local in ["http://localhost:11434/v1", "http://127.0.0.1", "http://[::1]:8080/", "localhost:1"] {
            assert!(is_local(local), "{local}");
        }
        for remote in
            ["https://api.openai.com/v1", "http://localhost.example.com", "http://localhost@example.com/"]
        {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
