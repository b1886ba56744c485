//! Pipelines, experiments, feature groups, private hubs, tracking servers.

use super::{SAGEMAKER, described};
use crate::listing::{Slice, entries};
use crate::thing::{Thing, text};
use serde_json::{Value, json};

/// Features whose names are kept.
const MAX_FEATURES: usize = 200;
/// Steps of a pipeline whose names are kept.
const MAX_STEPS: usize = 200;

pub(super) fn pipeline(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for pipeline in described(slice, items, "DescribePipeline", "PipelineName", "PipelineName") {
        let (Some(arn), Some(name)) = (text(&pipeline, "/PipelineArn"), text(&pipeline, "/PipelineName"))
        else {
            continue;
        };
        let definition: Value = text(&pipeline, "/PipelineDefinition")
            .and_then(|definition| serde_json::from_str(definition).ok())
            .unwrap_or_default();
        let mut steps: Vec<String> = vec![];
        let mut thing = Thing::new(arn, "pipeline", name);
        for step in entries(&definition, "/Steps").take(MAX_STEPS) {
            let kind = text(step, "/Type").unwrap_or("step");
            steps.push(format!("{} ({kind})", text(step, "/Name").unwrap_or_default()));
            let job = text(step, "/Arguments/TrainingJobName").map(|job| {
                slice.home.arn("sagemaker", &format!("training-job/{}", job.to_ascii_lowercase()))
            });
            thing = thing
                .edge("uses", job.as_deref())
                .image(text(step, "/Arguments/AlgorithmSpecification/TrainingImage"))
                .image(text(step, "/Arguments/AppSpecification/ImageUri"));
        }
        thing
            .members(
                &pipeline,
                &[
                    ("status", "/PipelineStatus"),
                    ("description", "/PipelineDescription"),
                    ("display-name", "/PipelineDisplayName"),
                    ("last-run", "/LastRunTime"),
                ],
            )
            .maybe("steps", (!steps.is_empty()).then_some(steps))
            .times(&pipeline)
            .runs_as(text(&pipeline, "/RoleArn"))
            .report(slice);
    }
    None
}

pub(super) fn experiment(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for experiment in items {
        let (Some(arn), Some(name)) =
            (text(experiment, "/ExperimentArn"), text(experiment, "/ExperimentName"))
        else {
            continue;
        };
        Thing::new(arn, "evaluation", name)
            .members(
                experiment,
                &[("display-name", "/DisplayName"), ("made-by", "/ExperimentSource/SourceType")],
            )
            .times(experiment)
            .edge("derived-from", text(experiment, "/ExperimentSource/SourceArn"))
            .report(slice);
    }
    None
}

/// A search answers with whole descriptions, a hundred a call.
pub(super) fn feature_group(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for group in items.iter().filter_map(|item| item.get("FeatureGroup")) {
        let (Some(arn), Some(name)) = (text(group, "/FeatureGroupArn"), text(group, "/FeatureGroupName"))
        else {
            continue;
        };
        let features: Vec<String> = entries(group, "/FeatureDefinitions")
            .filter_map(|feature| text(feature, "/FeatureName"))
            .take(MAX_FEATURES)
            .map(str::to_owned)
            .collect();
        Thing::new(arn, "feature-set", name)
            .members(
                group,
                &[
                    ("status", "/FeatureGroupStatus"),
                    ("description", "/Description"),
                    ("online", "/OnlineStoreConfig/EnableOnlineStore"),
                    ("record-identifier", "/RecordIdentifierFeatureName"),
                    ("event-time", "/EventTimeFeatureName"),
                    ("catalogue-table", "/OfflineStoreConfig/DataCatalogConfig/TableName"),
                ],
            )
            .maybe("features", (!features.is_empty()).then_some(features))
            .times(group)
            .tags(group.get("Tags"))
            .runs_as(text(group, "/RoleArn"))
            .bucket(text(group, "/OfflineStoreConfig/S3StorageConfig/S3Uri"), "write")
            .report(slice);
    }
    None
}

/// Hubs of the account and what is in them; the public hub is AWS's catalogue.
pub(super) fn hub(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for hub in items {
        let (Some(arn), Some(name)) = (text(hub, "/HubArn"), text(hub, "/HubName")) else { continue };
        if arn.contains(":aws:hub/") || name == "SageMakerPublicHub" {
            continue;
        }
        Thing::new(arn, "repository", name)
            .members(hub, &[("status", "/HubStatus"), ("description", "/HubDescription")])
            .times(hub)
            .report(slice);
        let contents = slice.pages("/HubContentSummaries", "/NextToken", |home, token| {
            let mut body = json!({ "HubName": name, "HubContentType": "Model", "MaxResults": 100 });
            if let Some(token) = token {
                body["NextToken"] = json!(token);
            }
            SAGEMAKER.json(home, "ListHubContents", &body)
        });
        for content in &contents {
            let (Some(arn), Some(name)) = (text(content, "/HubContentArn"), text(content, "/HubContentName"))
            else {
                continue;
            };
            Thing::new(arn, "model-version", name)
                .members(
                    content,
                    &[
                        ("status", "/HubContentStatus"),
                        ("version", "/HubContentVersion"),
                        ("description", "/HubContentDescription"),
                    ],
                )
                .times(content)
                .edge("stored-in", text(hub, "/HubArn"))
                .report(slice);
        }
    }
    None
}

pub(super) fn tracking_server(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "TrackingServerName";
    for server in described(slice, items, "DescribeMlflowTrackingServer", name, name) {
        let arn = text(&server, "/TrackingServerArn");
        let (Some(arn), Some(name)) = (arn, text(&server, "/TrackingServerName")) else { continue };
        let mut thing = Thing::new(arn, "runtime", name);
        if let Some(url) = text(&server, "/TrackingServerUrl") {
            thing = thing.known_as("url", url.trim_end_matches('/'));
        }
        thing
            .members(
                &server,
                &[
                    ("status", "/TrackingServerStatus"),
                    ("mlflow-version", "/MlflowVersion"),
                    ("size", "/TrackingServerSize"),
                    ("registers-models", "/AutomaticModelRegistration"),
                ],
            )
            .times(&server)
            .runs_as(text(&server, "/RoleArn"))
            .bucket(text(&server, "/ArtifactStoreUri"), "write")
            .report(slice);
    }
    None
}
