//! AWS Identity and Access Management: the roles that may do something with AI, and what.
//!
//! One call answers for a hundred roles with all their policies. Policies come first; what they allow is remembered.

use crate::call::{Api, Form};
use crate::listing::{Call, Listing, Slice, entries};
use crate::rights::{Rights, document};
use crate::thing::{Thing, text};
use inventar_plugin_sdk::collector::{Gap, Reason};
use serde_json::Value;

const IAM: Api =
    Api { actions: "iam", host: "iam.amazonaws.com", form: Form::Query { version: "2010-05-08" } };

/// Bytes of what is remembered of managed policies; a cursor has room for 64 KiB.
const MAX_MEMORY: usize = 40 << 10;

const fn listing(
    items: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    visit: fn(&mut Slice<'_>, &[Value], Option<String>) -> Option<String>,
) -> Listing {
    let token = Some(("Marker", "/GetAccountAuthorizationDetailsResult/Marker"));
    let call = Call { api: &IAM, operation: "GetAccountAuthorizationDetails", path: None, parameters, token };
    Listing { call, items, chunk: 1000, visit }
}

pub(crate) const LISTINGS: &[Listing] = &[
    listing(
        "/GetAccountAuthorizationDetailsResult/Policies",
        &[
            ("Filter.member.1", "LocalManagedPolicy"),
            ("Filter.member.2", "AWSManagedPolicy"),
            ("MaxItems", "100"),
        ],
        policy,
    ),
    listing(
        "/GetAccountAuthorizationDetailsResult/RoleDetailList",
        &[("Filter.member.1", "Role"), ("MaxItems", "100")],
        role,
    ),
];

fn policy(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for policy in items {
        let Some(arn) = text(policy, "/Arn") else { continue };
        if text(policy, "/AttachmentCount") == Some("0") {
            continue;
        }
        let default = entries(policy, "/PolicyVersionList")
            .find(|version| text(version, "/IsDefaultVersion") == Some("true"))
            .or_else(|| entries(policy, "/PolicyVersionList").next());
        let Some(found) = default.and_then(|version| version.get("Document")).and_then(document) else {
            continue;
        };
        let rights = Rights::of(&found);
        if rights == Rights::default() {
            continue;
        }
        let used: usize = slice.state.memory.iter().map(|(key, value)| key.len() + value.len() + 8).sum();
        let written = rights.write();
        if used + arn.len() + written.len() > MAX_MEMORY {
            slice.sink.gap(Gap {
                at: "iam:GetAccountAuthorizationDetails".into(),
                reason: Reason::TooLarge(MAX_MEMORY as u64),
                detail: format!(
                    "more managed policies speak of AI than are remembered; `{arn}` and later ones are not"
                ),
                retriable: false,
            });
            break;
        }
        slice.state.memory.insert(arn.to_owned(), written);
    }
    None
}

fn role(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for role in items {
        let (Some(arn), Some(name)) = (text(role, "/Arn"), text(role, "/RoleName")) else { continue };
        let mut rights = Rights::default();
        let mut policies: Vec<String> = vec![];
        for inline in entries(role, "/RolePolicyList") {
            if let Some(found) = inline.get("PolicyDocument").and_then(document) {
                rights.add(Rights::of(&found));
            }
        }
        for attached in entries(role, "/AttachedManagedPolicies") {
            let Some(policy) = text(attached, "/PolicyArn") else { continue };
            if let Some(known) = slice.state.memory.get(policy) {
                rights.add(Rights::read(known));
                policies.push(policy.to_owned());
            }
        }
        let trust = role.get("AssumeRolePolicyDocument").and_then(document).unwrap_or_default();
        let trusted = trusted(&trust);
        if !matters(&rights, &trusted) {
            continue;
        }
        Thing::new(arn, "identity", name)
            .property("resource-type", "iam:role")
            .property("is-admin", rights.is_admin)
            .maybe(
                "ai-actions",
                (!rights.ai.is_empty()).then(|| rights.ai.iter().cloned().collect::<Vec<_>>()),
            )
            .maybe(
                "reads-all",
                (!rights.data.is_empty()).then(|| rights.data.iter().cloned().collect::<Vec<_>>()),
            )
            .maybe("ai-policies", (!policies.is_empty()).then_some(policies))
            .maybe("trusted", (!trusted.is_empty()).then_some(trusted))
            .maybe("boundary", text(role, "/PermissionsBoundary/PermissionsBoundaryArn"))
            .members(
                role,
                &[("last-used", "/RoleLastUsed/LastUsedDate"), ("last-used-region", "/RoleLastUsed/Region")],
            )
            .times(role)
            .tags(role.get("Tags"))
            .report(slice);
    }
    None
}

/// Whether a role is of interest: an AI service acts as it, it may use AI, or a workload with it reads every object or
/// every secret, models, training data and keys among them.
fn matters(rights: &Rights, trusted: &[String]) -> bool {
    let is_ai = |who: &String| {
        let service = who.strip_suffix(".amazonaws.com").unwrap_or_default();
        matches!(
            service,
            "sagemaker"
                | "bedrock"
                | "bedrock-agentcore"
                | "comprehend"
                | "kendra"
                | "qbusiness"
                | "rekognition"
        )
    };
    let is_workload = |who: &String| {
        matches!(
            who.as_str(),
            "ecs-tasks.amazonaws.com"
                | "lambda.amazonaws.com"
                | "ec2.amazonaws.com"
                | "pods.eks.amazonaws.com"
                | "batch.amazonaws.com"
                | "tasks.apprunner.amazonaws.com"
        ) || who.contains(":oidc-provider/")
    };
    rights.is_admin
        || !rights.ai.is_empty()
        || trusted.iter().any(is_ai)
        || !rights.data.is_empty() && trusted.iter().any(is_workload)
}

/// Who may act as a role: services, accounts and identity providers.
fn trusted(trust: &Value) -> Vec<String> {
    let mut found: Vec<String> = entries(trust, "/Statement")
        .filter(|statement| text(statement, "/Effect") == Some("Allow"))
        .flat_map(|statement| {
            let principal = statement.get("Principal").cloned().unwrap_or_default();
            match principal {
                Value::String(anyone) => vec![anyone],
                Value::Object(kinds) => kinds
                    .into_values()
                    .flat_map(|who| match who {
                        Value::Array(many) => many,
                        one => vec![one],
                    })
                    .filter_map(|who| who.as_str().map(str::to_owned))
                    .collect(),
                _ => vec![],
            }
        })
        .collect();
    found.sort();
    found.dedup();
    found
}
