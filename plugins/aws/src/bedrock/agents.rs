//! Agents with their aliases and action groups, knowledge bases with their data, flows, prompts.

use super::AGENTS;
use super::models::is_model;
use crate::arn::Home;
use crate::call::{Ask, segment};
use crate::listing::{Slice, entries};
use crate::sagemaker::merged;
use crate::thing::{Thing, relate, text};
use serde_json::{Value, json};

/// Bytes of an instruction that are shown.
const MAX_INSTRUCTION: usize = 2_000;

/// What hangs on an agent or a knowledge base, by POST.
fn list(home: &Home, operation: &str, path: &str, token: Option<&str>) -> Ask {
    let mut body = json!({ "maxResults": 100 });
    if let Some(token) = token {
        body["nextToken"] = json!(token);
    }
    AGENTS.post(home, operation, path, &body)
}

/// Gets each entry by its id and unwraps the answer.
fn got(
    slice: &mut Slice<'_>,
    items: &[Value],
    operation: &str,
    path: &str,
    id: &str,
    inside: &str,
) -> Vec<Value> {
    let asks = items
        .iter()
        .map(|item| {
            let id = segment(text(item, id).unwrap_or_default());
            AGENTS.get(&slice.home, operation, &path.replace("{}", &id), &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    let unwrap = |answer: Value| {
        if inside.is_empty() { answer } else { answer.get(inside).cloned().unwrap_or_default() }
    };
    items.iter().zip(answers).map(|(item, answer)| merged(item, answer.map(unwrap))).collect()
}

pub(super) fn agent(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for agent in got(slice, items, "GetAgent", "/agents/{}/", "/agentId", "agent") {
        let (Some(id), Some(name)) = (text(&agent, "/agentId"), text(&agent, "/agentName")) else { continue };
        let arn = text(&agent, "/agentArn")
            .map_or_else(|| slice.home.arn("bedrock", &format!("agent/{id}")), str::to_owned);
        let path = format!("/agents/{}", segment(id));
        let guardrail = text(&agent, "/guardrailConfiguration/guardrailIdentifier").map(|guardrail| {
            if guardrail.starts_with("arn:") {
                guardrail.to_owned()
            } else {
                slice.home.arn("bedrock", &format!("guardrail/{guardrail}"))
            }
        });
        let mut thing = Thing::new(arn.as_str(), "agent", name)
            .members(
                &agent,
                &[
                    ("status", "/agentStatus"),
                    ("description", "/description"),
                    ("collaboration", "/agentCollaboration"),
                    ("orchestration", "/orchestrationType"),
                    ("idle-seconds", "/idleSessionTTLInSeconds"),
                    ("kms-key", "/customerEncryptionKeyArn"),
                    ("memory", "/memoryConfiguration/enabledMemoryTypes"),
                ],
            )
            .maybe(
                "instruction",
                text(&agent, "/instruction")
                    .map(|text| text.chars().take(MAX_INSTRUCTION).collect::<String>()),
            )
            .times(&agent)
            .runs_as(text(&agent, "/agentResourceRoleArn"))
            .model("uses", text(&agent, "/foundationModel"))
            .edge("uses", guardrail.as_deref());
        let bases = slice.pages("/agentKnowledgeBaseSummaries", "/nextToken", |home, token| {
            list(
                home,
                "ListAgentKnowledgeBases",
                &format!("{path}/agentversions/DRAFT/knowledgebases/"),
                token,
            )
        });
        for base in &bases {
            let base = text(base, "/knowledgeBaseId")
                .map(|id| slice.home.arn("bedrock", &format!("knowledge-base/{id}")));
            thing = thing.edge("uses", base.as_deref());
        }
        thing.report(slice);
        action_groups(slice, &arn, &path);
        aliases(slice, &arn, &path, id);
    }
    None
}

/// What an agent can do: functions that it may call.
fn action_groups(slice: &mut Slice<'_>, agent: &str, path: &str) {
    let groups = slice.pages("/actionGroupSummaries", "/nextToken", |home, token| {
        list(home, "ListAgentActionGroups", &format!("{path}/agentversions/DRAFT/actiongroups/"), token)
    });
    let asks = groups
        .iter()
        .map(|group| {
            let id = segment(text(group, "/actionGroupId").unwrap_or_default());
            let path = format!("{path}/agentversions/DRAFT/actiongroups/{id}/");
            AGENTS.get(&slice.home, "GetAgentActionGroup", &path, &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    for (group, answer) in groups.iter().zip(answers) {
        let group = merged(group, answer.and_then(|answer| answer.get("agentActionGroup").cloned()));
        let (Some(id), Some(name)) = (text(&group, "/actionGroupId"), text(&group, "/actionGroupName"))
        else {
            continue;
        };
        let functions: Vec<String> = entries(&group, "/functionSchema/functions")
            .filter_map(|function| text(function, "/name"))
            .map(str::to_owned)
            .collect();
        let mut thing = Thing::new(format!("{agent}/action-group/{id}"), "tool", name)
            .members(
                &group,
                &[
                    ("state", "/actionGroupState"),
                    ("description", "/description"),
                    ("built-in", "/parentActionSignature"),
                ],
            )
            .maybe("functions", (!functions.is_empty()).then_some(functions))
            .edge("calls", text(&group, "/actionGroupExecutor/lambda"));
        if let (Some(bucket), Some(key)) =
            (text(&group, "/apiSchema/s3/s3BucketName"), text(&group, "/apiSchema/s3/s3ObjectKey"))
        {
            thing = thing.bucket(Some(&format!("s3://{bucket}/{key}")), "read");
        }
        let tool = thing.arn().to_owned();
        thing.report(slice);
        relate(slice, agent, "uses", &tool);
    }
}

/// Names under which versions of an agent are called.
fn aliases(slice: &mut Slice<'_>, agent: &str, path: &str, id: &str) {
    let aliases = slice.pages("/agentAliasSummaries", "/nextToken", |home, token| {
        list(home, "ListAgentAliases", &format!("{path}/agentaliases/"), token)
    });
    for alias in &aliases {
        let (Some(alias_id), Some(name)) = (text(alias, "/agentAliasId"), text(alias, "/agentAliasName"))
        else {
            continue;
        };
        let arn = slice.home.arn("bedrock", &format!("agent-alias/{id}/{alias_id}"));
        let versions: Vec<String> = entries(alias, "/routingConfiguration")
            .filter_map(|route| text(route, "/agentVersion"))
            .map(str::to_owned)
            .collect();
        Thing::new(arn, "deployment", name)
            .members(alias, &[("status", "/agentAliasStatus"), ("description", "/description")])
            .maybe("agent-versions", (!versions.is_empty()).then_some(versions))
            .times(alias)
            .edge("serves", Some(agent))
            .report(slice);
    }
}

pub(super) fn knowledge_base(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for base in
        got(slice, items, "GetKnowledgeBase", "/knowledgebases/{}", "/knowledgeBaseId", "knowledgeBase")
    {
        let (Some(id), Some(name)) = (text(&base, "/knowledgeBaseId"), text(&base, "/name")) else {
            continue;
        };
        let made = || slice.home.arn("bedrock", &format!("knowledge-base/{id}"));
        let arn = text(&base, "/knowledgeBaseArn").map_or_else(made, str::to_owned);
        let vectors = "/knowledgeBaseConfiguration/vectorKnowledgeBaseConfiguration";
        let storage = "/storageConfiguration";
        let mut thing = Thing::new(arn.as_str(), "vector-store", name)
            .members(
                &base,
                &[
                    ("status", "/status"),
                    ("description", "/description"),
                    ("type", "/knowledgeBaseConfiguration/type"),
                    ("storage", "/storageConfiguration/type"),
                    ("index", "/storageConfiguration/opensearchServerlessConfiguration/vectorIndexName"),
                ],
            )
            .times(&base)
            .runs_as(text(&base, "/roleArn"))
            .model("uses", text(&base, &format!("{vectors}/embeddingModelArn")));
        for place in [
            "opensearchServerlessConfiguration/collectionArn",
            "opensearchManagedClusterConfiguration/domainArn",
            "rdsConfiguration/resourceArn",
            "neptuneAnalyticsConfiguration/graphArn",
            "s3VectorsConfiguration/indexArn",
        ] {
            thing = thing.edge("stored-in", text(&base, &format!("{storage}/{place}")));
        }
        for secret in [
            "pineconeConfiguration",
            "mongoDbAtlasConfiguration",
            "redisEnterpriseCloudConfiguration",
            "rdsConfiguration",
        ] {
            thing = thing.secret(text(&base, &format!("{storage}/{secret}/credentialsSecretArn")), None);
        }
        let path = format!("/knowledgebases/{}/datasources", segment(id));
        let sources = slice.pages("/dataSourceSummaries", "/nextToken", |home, token| {
            list(home, "ListDataSources", &format!("{path}/"), token)
        });
        let asks = sources
            .iter()
            .map(|source| {
                let id = segment(text(source, "/dataSourceId").unwrap_or_default());
                AGENTS.get(&slice.home, "GetDataSource", &format!("{path}/{id}"), &[])
            })
            .collect();
        let answers = slice.ask_all(asks);
        for (source, answer) in sources.iter().zip(answers) {
            let source = merged(source, answer.and_then(|answer| answer.get("dataSource").cloned()));
            let (Some(source_id), Some(name)) = (text(&source, "/dataSourceId"), text(&source, "/name"))
            else {
                continue;
            };
            let source_arn =
                slice.home.arn("bedrock", &format!("knowledge-base/{id}/data-source/{source_id}"));
            let bucket = text(&source, "/dataSourceConfiguration/s3Configuration/bucketArn")
                .and_then(|arn| arn.rsplit(':').next());
            Thing::new(source_arn.as_str(), "dataset", name)
                .members(&source, &[("status", "/status"), ("type", "/dataSourceConfiguration/type")])
                .times(&source)
                .bucket(bucket.map(|bucket| format!("s3://{bucket}")).as_deref(), "read")
                .report(slice);
            thing = thing.edge("uses", Some(&source_arn));
        }
        thing.report(slice);
    }
    None
}

pub(super) fn flow(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for flow in got(slice, items, "GetFlow", "/flows/{}/", "/id", "") {
        let (Some(arn), Some(name)) = (text(&flow, "/arn"), text(&flow, "/name")) else { continue };
        let mut thing = Thing::new(arn, "pipeline", name)
            .members(
                &flow,
                &[("status", "/status"), ("description", "/description"), ("version", "/version")],
            )
            .times(&flow)
            .runs_as(text(&flow, "/executionRoleArn"));
        let mut nodes = vec![];
        for node in entries(&flow, "/definition/nodes") {
            nodes.push(format!(
                "{} ({})",
                text(node, "/name").unwrap_or_default(),
                text(node, "/type").unwrap_or("node")
            ));
            let base = text(node, "/configuration/knowledgeBase/knowledgeBaseId")
                .map(|id| slice.home.arn("bedrock", &format!("knowledge-base/{id}")));
            thing = thing
                .model("uses", text(node, "/configuration/prompt/sourceConfiguration/inline/modelId"))
                .model("uses", text(node, "/configuration/knowledgeBase/modelId"))
                .edge("uses", text(node, "/configuration/prompt/sourceConfiguration/resource/promptArn"))
                .edge("uses", text(node, "/configuration/agent/agentAliasArn"))
                .edge("calls", text(node, "/configuration/lambdaFunction/lambdaArn"))
                .edge("uses", base.as_deref());
        }
        thing.maybe("nodes", (!nodes.is_empty()).then_some(nodes)).report(slice);
    }
    None
}

pub(super) fn prompt(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for prompt in got(slice, items, "GetPrompt", "/prompts/{}/", "/id", "") {
        let (Some(arn), Some(name)) = (text(&prompt, "/arn"), text(&prompt, "/name")) else { continue };
        let mut thing = Thing::new(arn, "prompt", name)
            .members(
                &prompt,
                &[
                    ("description", "/description"),
                    ("version", "/version"),
                    ("default-variant", "/defaultVariant"),
                ],
            )
            .times(&prompt);
        for variant in entries(&prompt, "/variants") {
            let model = text(variant, "/modelId");
            thing = match model.filter(|model| is_model(model) && !model.contains("foundation-model")) {
                Some(arn) => thing.edge("uses", Some(arn)),
                None => thing.model("uses", model),
            };
        }
        thing.report(slice);
    }
    None
}
