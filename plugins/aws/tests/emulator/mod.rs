//! How requests of the plugin reach an emulator: it tells services apart by the credential scope of a signature.

use inventar_plugin_sdk::collector::Request;

/// Points a request at the emulator at `url`, with a signature that nobody checks.
pub(crate) fn redirect(request: &mut Request, url: &str) {
    let rest = request.url.trim_start_matches("https://").to_owned();
    let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let labels: Vec<&str> = host.split('.').collect();
    let is_region =
        |label: &&&str| label.matches('-').count() >= 2 && label.ends_with(|c: char| c.is_ascii_digit());
    let region = labels.iter().find(is_region).copied().unwrap_or("us-east-1");
    let service = match labels[0] {
        "api" => labels[1],
        "bedrock-agent" => "bedrock",
        "bedrock-agentcore-control" => "bedrock-agentcore",
        other => other,
    };
    let credential = format!("Credential=x/20260101/{region}/{service}/aws4_request");
    let signature = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=x");
    request.headers.push(("authorization".into(), signature));
    request.url = format!("{}/{path}", url.trim_end_matches('/'));
}
