//! Amazon Bedrock: models, what was made of them, agents, and AgentCore.

use crate::call::{Api, Form};
use crate::listing::{Call, Listing, Slice, Verb};
use serde_json::Value;

mod agentcore;
mod agents;
mod models;

pub(crate) const BEDROCK: Api =
    Api { actions: "bedrock", host: "bedrock.{region}.amazonaws.com", form: Form::Rest };
pub(crate) const AGENTS: Api =
    Api { actions: "bedrock", host: "bedrock-agent.{region}.amazonaws.com", form: Form::Rest };
pub(crate) const AGENT_CORE: Api = Api {
    actions: "bedrock-agentcore",
    host: "bedrock-agentcore-control.{region}.amazonaws.com",
    form: Form::Rest,
};

type Visit = fn(&mut Slice<'_>, &[Value], Option<String>) -> Option<String>;
type Pairs = &'static [(&'static str, &'static str)];

const SOME: Pairs = &[("maxResults", "40")];
const MANY: Pairs = &[("maxResults", "100")];

const fn listing(
    api: &'static Api,
    operation: &'static str,
    path: (Verb, &'static str),
    parameters: Pairs,
    items: &'static str,
    chunk: usize,
    visit: Visit,
) -> Listing {
    let token = Some(("nextToken", "/nextToken"));
    Listing { call: Call { api, operation, path: Some(path), parameters, token }, items, chunk, visit }
}

use Verb::{Get, Post};

#[rustfmt::skip]
pub(crate) const LISTINGS: &[Listing] = &[
    listing(&BEDROCK, "ListFoundationModels", (Get, "/foundation-models"), &[], "/modelSummaries", 1000, models::foundation),
    listing(&BEDROCK, "ListModelCustomizationJobs", (Get, "/model-customization-jobs"), SOME, "/modelCustomizationJobSummaries", 40, models::job),
    listing(&BEDROCK, "ListCustomModels", (Get, "/custom-models"), SOME, "/modelSummaries", 40, models::custom),
    listing(&BEDROCK, "ListImportedModels", (Get, "/imported-models"), SOME, "/modelSummaries", 40, models::imported),
    listing(&BEDROCK, "ListProvisionedModelThroughputs", (Get, "/provisioned-model-throughputs"), MANY, "/provisionedModelSummaries", 100, models::throughput),
    listing(&BEDROCK, "ListInferenceProfiles", (Get, "/inference-profiles"), &[("maxResults", "100"), ("type", "APPLICATION")], "/inferenceProfileSummaries", 100, models::profile),
    listing(&BEDROCK, "ListModelInvocationJobs", (Get, "/model-invocation-jobs"), MANY, "/invocationJobSummaries", 100, models::batch),
    listing(&BEDROCK, "ListEvaluationJobs", (Get, "/evaluation-jobs"), MANY, "/jobSummaries", 100, models::evaluation),
    listing(&BEDROCK, "ListGuardrails", (Get, "/guardrails"), SOME, "/guardrails", 40, models::guardrail),
    listing(&BEDROCK, "GetModelInvocationLoggingConfiguration", (Get, "/logging/modelinvocations"), &[], "/loggingConfig", 1, models::logging),
    listing(&AGENTS, "ListKnowledgeBases", (Post, "/knowledgebases/"), SOME, "/knowledgeBaseSummaries", 15, agents::knowledge_base),
    listing(&AGENTS, "ListAgents", (Post, "/agents/"), SOME, "/agentSummaries", 8, agents::agent),
    listing(&AGENTS, "ListFlows", (Get, "/flows/"), SOME, "/flowSummaries", 40, agents::flow),
    listing(&AGENTS, "ListPrompts", (Get, "/prompts/"), SOME, "/promptSummaries", 40, agents::prompt),
];

#[rustfmt::skip]
pub(crate) const AGENT_CORE_LISTINGS: &[Listing] = &[
    listing(&AGENT_CORE, "ListAgentRuntimes", (Post, "/runtimes/"), &[], "/agentRuntimes", 40, agentcore::runtime),
    listing(&AGENT_CORE, "ListGateways", (Get, "/gateways/"), SOME, "/items", 15, agentcore::gateway),
    listing(&AGENT_CORE, "ListMemories", (Post, "/memories/"), &[], "/memories", 100, agentcore::memory),
];
