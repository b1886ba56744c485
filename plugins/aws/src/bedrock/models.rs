//! Models of Bedrock: offered, customised, imported, provisioned; their jobs, guardrails and the log of calls.

use super::BEDROCK;
use crate::arn::Arn;
use crate::call::segment;
use crate::listing::{Slice, entries};
use crate::sagemaker::merged;
use crate::thing::{Thing, text};
use serde_json::Value;

/// Asks for each entry by the last part of a path: a name, for an ARN has slashes, which a path may not escape. What is
/// not answered stays as the list has it.
fn described(slice: &mut Slice<'_>, items: &[Value], operation: &str, path: &str, id: &str) -> Vec<Value> {
    let asks = items
        .iter()
        .map(|item| {
            let id = segment(text(item, id).unwrap_or_default());
            BEDROCK.get(&slice.home, operation, &format!("/{path}/{id}"), &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    items.iter().zip(answers).map(|(item, answer)| merged(item, answer)).collect()
}

/// What is offered in the region. It is mentioned, not used: every account has the same list.
pub(super) fn foundation(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in items {
        let (Some(arn), Some(id)) = (text(model, "/modelArn"), text(model, "/modelId")) else { continue };
        let mut thing = Thing::new(arn, "model-version", text(model, "/modelName").unwrap_or(id))
            .property("model-id", id)
            .members(
                model,
                &[
                    ("provider", "/providerName"),
                    ("input", "/inputModalities"),
                    ("output", "/outputModalities"),
                    ("customisations", "/customizationsSupported"),
                    ("inference", "/inferenceTypesSupported"),
                    ("status", "/modelLifecycle/status"),
                    ("end-of-life", "/modelLifecycle/endOfLifeTime"),
                ],
            );
        if let Some(known) = inventar_catalogue::model_at_model_place(id) {
            thing.edge_to("instance-of", "model", known.identity(), &[]);
        }
        thing.mentioned().report(slice);
    }
    None
}

pub(super) fn job(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let described =
        described(slice, items, "GetModelCustomizationJob", "model-customization-jobs", "/jobName");
    for job in described {
        let (Some(arn), Some(name)) = (text(&job, "/jobArn"), text(&job, "/jobName")) else { continue };
        Thing::new(arn, "training-run", name)
            .members(
                &job,
                &[
                    ("status", "/status"),
                    ("customisation", "/customizationType"),
                    ("training-loss", "/trainingMetrics/trainingLoss"),
                ],
            )
            .maybe("hyperparameters", job.get("hyperParameters").filter(|found| found.is_object()).cloned())
            .times(&job)
            .runs_as(text(&job, "/roleArn"))
            .model("uses", text(&job, "/baseModelArn").or_else(|| text(&job, "/baseModelIdentifier")))
            .trained_on(text(&job, "/trainingDataConfig/s3Uri"), Some("training"))
            .bucket(text(&job, "/outputDataConfig/s3Uri"), "write")
            .report(slice);
    }
    None
}

pub(super) fn custom(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in described(slice, items, "GetCustomModel", "custom-models", "/modelName") {
        let (Some(arn), Some(name)) = (text(&model, "/modelArn"), text(&model, "/modelName")) else {
            continue;
        };
        Thing::new(arn, "model-version", name)
            .members(
                &model,
                &[
                    ("status", "/modelStatus"),
                    ("customisation", "/customizationType"),
                    ("kms-key", "/modelKmsKeyArn"),
                    ("owner-account", "/ownerAccountId"),
                    ("training-loss", "/trainingMetrics/trainingLoss"),
                ],
            )
            .times(&model)
            .model("derived-from", text(&model, "/baseModelArn"))
            .edge("derived-from", text(&model, "/jobArn"))
            .trained_on(text(&model, "/trainingDataConfig/s3Uri"), Some("training"))
            .bucket(text(&model, "/outputDataConfig/s3Uri"), "write")
            .report(slice);
    }
    None
}

pub(super) fn imported(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in described(slice, items, "GetImportedModel", "imported-models", "/modelName") {
        let (Some(arn), Some(name)) = (text(&model, "/modelArn"), text(&model, "/modelName")) else {
            continue;
        };
        Thing::new(arn, "model-version", name)
            .members(
                &model,
                &[
                    ("architecture", "/modelArchitecture"),
                    ("instruct", "/instructSupported"),
                    ("kms-key", "/modelKmsKeyArn"),
                    ("import-job", "/jobName"),
                ],
            )
            .times(&model)
            .artifact(text(&model, "/modelDataSource/s3DataSource/s3Uri"))
            .report(slice);
    }
    None
}

pub(super) fn throughput(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for provisioned in items {
        let arn = text(provisioned, "/provisionedModelArn");
        let (Some(arn), Some(name)) = (arn, text(provisioned, "/provisionedModelName")) else { continue };
        Thing::new(arn, "deployment", name)
            .members(
                provisioned,
                &[
                    ("status", "/status"),
                    ("model-units", "/modelUnits"),
                    ("commitment", "/commitmentDuration"),
                    ("commitment-ends", "/commitmentExpirationTime"),
                ],
            )
            .times(provisioned)
            .model("serves", text(provisioned, "/modelArn"))
            .report(slice);
    }
    None
}

pub(super) fn profile(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for profile in items {
        let arn = text(profile, "/inferenceProfileArn");
        let (Some(arn), Some(name)) = (arn, text(profile, "/inferenceProfileName")) else { continue };
        let mut thing = Thing::new(arn, "deployment", name)
            .members(profile, &[("status", "/status"), ("type", "/type"), ("description", "/description")])
            .times(profile);
        for model in entries(profile, "/models") {
            thing = thing.model("serves", text(model, "/modelArn"));
        }
        thing.report(slice);
    }
    None
}

pub(super) fn batch(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in items {
        let (Some(arn), Some(name)) = (text(job, "/jobArn"), text(job, "/jobName")) else { continue };
        Thing::new(arn, "workload", name)
            .members(job, &[("status", "/status"), ("submitted", "/submitTime"), ("ended", "/endTime")])
            .runs_as(text(job, "/roleArn"))
            .model("calls", text(job, "/modelId"))
            .bucket(text(job, "/inputDataConfig/s3InputDataConfig/s3Uri"), "read")
            .bucket(text(job, "/outputDataConfig/s3OutputDataConfig/s3Uri"), "write")
            .report(slice);
    }
    None
}

pub(super) fn evaluation(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in items {
        let (Some(arn), Some(name)) = (text(job, "/jobArn"), text(job, "/jobName")) else { continue };
        let mut thing = Thing::new(arn, "evaluation", name)
            .members(
                job,
                &[
                    ("status", "/status"),
                    ("type", "/jobType"),
                    ("tasks", "/evaluationTaskTypes"),
                    ("application", "/applicationType"),
                ],
            )
            .times(job);
        let models =
            ["/modelIdentifiers", "/inferenceConfigSummary/modelConfigSummary/bedrockModelIdentifiers"];
        let models: std::collections::BTreeSet<&str> =
            models.iter().flat_map(|at| entries(job, at)).filter_map(Value::as_str).collect();
        for model in models {
            thing = thing.model("uses", Some(model));
        }
        thing.report(slice);
    }
    None
}

pub(super) fn guardrail(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for guardrail in described(slice, items, "GetGuardrail", "guardrails", "/id") {
        let arn = text(&guardrail, "/guardrailArn").or_else(|| text(&guardrail, "/arn"));
        let (Some(arn), Some(name)) = (arn, text(&guardrail, "/name")) else { continue };
        let list = |at: &str, of: &str| -> Option<Vec<String>> {
            let found: Vec<String> =
                entries(&guardrail, at).filter_map(|entry| text(entry, of)).map(str::to_owned).collect();
            (!found.is_empty()).then_some(found)
        };
        Thing::new(arn, "guardrail", name)
            .members(
                &guardrail,
                &[
                    ("status", "/status"),
                    ("version", "/version"),
                    ("description", "/description"),
                    ("kms-key", "/kmsKeyArn"),
                ],
            )
            .maybe("content-filters", list("/contentPolicy/filters", "/type"))
            .maybe("denied-topics", list("/topicPolicy/topics", "/name"))
            .maybe("sensitive-information", list("/sensitiveInformationPolicy/piiEntities", "/type"))
            .maybe("grounding", list("/contextualGroundingPolicy/filters", "/type"))
            .times(&guardrail)
            .report(slice);
    }
    None
}

/// Whether calls of models are logged, and where to. There is one for a region; without one, nothing is logged.
pub(super) fn logging(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for logging in items.iter().filter(|item| item.as_object().is_some_and(|found| !found.is_empty())) {
        let arn = slice.home.arn("bedrock", "model-invocation-logging/configuration");
        let group = text(logging, "/cloudWatchConfig/logGroupName").map(str::to_owned);
        let place = text(logging, "/s3Config/bucketName").map(|bucket| {
            format!("s3://{bucket}/{}", text(logging, "/s3Config/keyPrefix").unwrap_or_default())
        });
        Thing::new(arn, "control-evidence", "model invocation logging")
            .property("enabled", group.is_some() || place.is_some())
            .maybe("log-group", group)
            .members(
                logging,
                &[
                    ("text", "/textDataDeliveryEnabled"),
                    ("images", "/imageDataDeliveryEnabled"),
                    ("embeddings", "/embeddingDataDeliveryEnabled"),
                ],
            )
            .runs_as(text(logging, "/cloudWatchConfig/roleArn"))
            .bucket(place.as_deref(), "write")
            .report(slice);
    }
    None
}

/// Whether a text is the ARN of a model of Bedrock.
pub(super) fn is_model(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| arn.service == "bedrock" && arn.kind().contains("model"))
}
