//! Bedrock AgentCore: agents that run as containers, gateways that make tools of services, memories.

use super::AGENT_CORE;
use crate::call::segment;
use crate::listing::Slice;
use crate::sagemaker::merged;
use crate::signal::Environment;
use crate::thing::{Thing, text};
use serde_json::Value;

pub(super) fn runtime(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let asks = items
        .iter()
        .map(|item| {
            let id = segment(text(item, "/agentRuntimeId").unwrap_or_default());
            AGENT_CORE.get(&slice.home, "GetAgentRuntime", &format!("/runtimes/{id}/"), &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    for (item, answer) in items.iter().zip(answers) {
        let runtime = merged(item, answer);
        let (Some(arn), Some(name)) =
            (text(&runtime, "/agentRuntimeArn"), text(&runtime, "/agentRuntimeName"))
        else {
            continue;
        };
        let variables = runtime.get("environmentVariables").and_then(Value::as_object);
        let environment = Environment::of(
            variables
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
        );
        let mut thing = Thing::new(arn, "agent", name)
            .members(
                &runtime,
                &[
                    ("status", "/status"),
                    ("version", "/agentRuntimeVersion"),
                    ("description", "/description"),
                    ("network", "/networkConfiguration/networkMode"),
                    ("protocol", "/protocolConfiguration/serverProtocol"),
                    ("sign-in", "/authorizerConfiguration/customJWTAuthorizer/discoveryUrl"),
                ],
            )
            .times(&runtime)
            .runs_as(text(&runtime, "/roleArn"))
            .image(text(&runtime, "/agentRuntimeArtifact/containerConfiguration/containerUri"));
        for model in &environment.models {
            thing = thing.model("calls", Some(model));
        }
        thing
            .maybe("keys-in-environment", (!environment.keys.is_empty()).then_some(environment.keys))
            .report(slice);
    }
    None
}

/// Gateways speak MCP: what hangs on them are tools.
pub(super) fn gateway(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for item in items {
        let Some(id) = text(item, "/gatewayId").map(segment) else { continue };
        let get = AGENT_CORE.get(&slice.home, "GetGateway", &format!("/gateways/{id}/"), &[]);
        let gateway = merged(item, slice.ask(get));
        let made = slice.home.arn("bedrock-agentcore", &format!("gateway/{id}"));
        let arn = text(&gateway, "/gatewayArn").map_or(made, str::to_owned);
        let mut thing = Thing::new(arn.as_str(), "mcp-server", text(&gateway, "/name").unwrap_or(&id));
        if let Some(url) = text(&gateway, "/gatewayUrl") {
            thing = thing.known_as("url", url.trim_end_matches('/'));
        }
        thing
            .members(
                &gateway,
                &[
                    ("status", "/status"),
                    ("protocol", "/protocolType"),
                    ("sign-in", "/authorizerType"),
                    ("description", "/description"),
                ],
            )
            .times(&gateway)
            .runs_as(text(&gateway, "/roleArn"))
            .report(slice);
        let targets = slice.pages("/items", "/nextToken", |home, token| {
            let mut query = vec![("maxResults", "100")];
            query.extend(token.map(|token| ("nextToken", token)));
            AGENT_CORE.get(home, "ListGatewayTargets", &format!("/gateways/{id}/targets/"), &query)
        });
        for target in &targets {
            let (Some(target_id), Some(name)) = (text(target, "/targetId"), text(target, "/name")) else {
                continue;
            };
            Thing::new(format!("{arn}/target/{target_id}"), "tool", name)
                .members(target, &[("status", "/status"), ("description", "/description")])
                .times(target)
                .edge("uses", Some(&arn))
                .report(slice);
        }
    }
    None
}

pub(super) fn memory(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for memory in items {
        let Some(arn) = text(memory, "/arn") else { continue };
        let name = text(memory, "/id").unwrap_or(arn);
        Thing::new(arn, "store", name).members(memory, &[("status", "/status")]).times(memory).report(slice);
    }
    None
}
