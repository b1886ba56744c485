//! What a scan says.

use anyhow::{Context, Result};
use serde_json::Value;

/// One place of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The labels' word for the asset's kind.
    pub asset_type: &'static str,
    /// The asset's name.
    pub name: String,
    /// The asset's identifiers.
    pub aliases: Vec<String>,
    /// The asset's version.
    pub version: Option<String>,
    /// Relative to the tree; empty where the asset has no place.
    pub file: String,
    /// Where a line is known.
    pub line: Option<u64>,
    /// How it is used there.
    pub usage: String,
}

impl Finding {
    /// The place, as `file:line`.
    pub(super) fn at(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

/// The labels' types, and the kinds of assets that are of them. What is in no list is not labelled: training runs,
/// evaluations, deployments …
const TYPES: &[(&str, &[&str])] = &[
    ("sdk", &["sdk", "framework", "package", "runtime"]),
    ("model", &["model-reference", "model-artifact", "model-version", "model-family"]),
    ("endpoint", &["endpoint"]),
    ("provider", &["provider"]),
    ("agent", &["agent"]),
    ("tool", &["tool"]),
    ("prompt", &["prompt"]),
    ("mcp_server", &["mcp-server"]),
    ("mcp_client", &["mcp-client"]),
    ("mcp_prompt", &["mcp-prompt"]),
    ("mcp_resource", &["mcp-resource"]),
    ("vector_store", &["vector-store"]),
    ("dataset", &["dataset"]),
    ("secret_ref", &["secret-reference", "api-key"]),
    ("guardrail", &["guardrail"]),
    ("config", &["config", "skill"]),
    ("infra", &["workload", "iac-resource", "image"]),
    ("ci_agent", &["ci-agent"]),
    ("agent_plugin", &["agent-plugin"]),
];

fn asset_type(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(asset_type, _)| *asset_type)
}

/// The findings of `inventar scan -o ndjson`: one for each place of each asset.
pub fn findings(ndjson: &str) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for line in ndjson.lines().filter(|line| !line.trim().is_empty()) {
        let record: Value = serde_json::from_str(line).context("a scan's line is not JSON")?;
        if record["record"] != "asset" {
            continue;
        }
        let Some(asset_type) = asset_type(record["kind"].as_str().unwrap_or_default()) else { continue };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let identifiers = record["identifiers"].as_array().into_iter().flatten();
        let asset = Finding {
            asset_type,
            name: text(&record["name"]),
            aliases: identifiers.map(|id| text(&id["value"])).filter(|id| !id.is_empty()).collect(),
            version: record["version"].as_str().map(str::to_owned),
            file: String::new(),
            line: None,
            usage: text(&record["usage"]),
        };
        let places = record["evidence"].as_array().map(Vec::as_slice).unwrap_or_default();
        if places.is_empty() {
            findings.push(asset);
            continue;
        }
        findings.extend(places.iter().map(|place| Finding {
            file: text(&place["path"]),
            line: place["line"].as_u64(),
            usage: place["usage"].as_str().map_or_else(|| asset.usage.clone(), str::to_owned),
            ..asset.clone()
        }));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn one_for_each_place() {
        let found = findings(concat!(
            r#"{"record":"asset","kind":"tool","name":"a","usage":"runtime","identifiers":[{"scheme":"x","value":"i"}],"#,
            r#""evidence":[{"path":"p","line":3,"usage":"test"},{"path":"q"}]}"#,
            "\n\n",
            r#"{"record":"asset","kind":"workload","name":"b","version":"1","evidence":[]}"#,
            "\n",
            r#"{"record":"asset","kind":"training-run","name":"c"}"#,
            "\n",
            r#"{"record":"gap","kind":"sdk","path":"p"}"#,
        ))
        .expect("a scan");
        let shown: Vec<String> = found
            .iter()
            .map(|f| format!("{} {} {} {} {:?}", f.asset_type, f.name, f.at(), f.usage, f.aliases))
            .collect();
        assert_eq!(shown, [r#"tool a p:3 test ["i"]"#, r#"tool a q runtime ["i"]"#, "infra b   []"]);
        assert!(findings("{").is_err());
    }
}
