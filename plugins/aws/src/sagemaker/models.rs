//! Models, packages and their groups, model cards.

use super::{SAGEMAKER, described, lineage, merged, tags};
use crate::listing::{Slice, entries};
use crate::signal::Environment;
use crate::thing::{Thing, text};
use inventar_analysis::names::{self, Name};
use serde_json::{Value, json};

/// Packages of a group that are described together.
const PACKAGES: u32 = 30;

pub(super) fn model(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in described(slice, items, "DescribeModel", "ModelName", "ModelName") {
        let (Some(arn), Some(name)) = (text(&model, "/ModelArn"), text(&model, "/ModelName")) else {
            continue;
        };
        let mut thing = Thing::new(arn, "model-version", name)
            .called(&Name::sagemaker_model(name))
            .members(
                &model,
                &[
                    ("network-isolation", "/EnableNetworkIsolation"),
                    ("subnets", "/VpcConfig/Subnets"),
                    ("security-groups", "/VpcConfig/SecurityGroupIds"),
                ],
            )
            .times(&model)
            .runs_as(text(&model, "/ExecutionRoleArn"));
        for container in entries(&model, "/PrimaryContainer").chain(entries(&model, "/Containers")) {
            thing = container_of(slice, thing, container);
        }
        thing.report(slice);
    }
    None
}

/// What a container of a model or a package brings: image, weights, package, the job that trained it.
fn container_of(slice: &Slice<'_>, thing: Thing, container: &Value) -> Thing {
    let weights =
        text(container, "/ModelDataUrl").or_else(|| text(container, "/ModelDataSource/S3DataSource/S3Uri"));
    let mut thing = thing
        .image(text(container, "/Image"))
        .artifact(weights)
        .edge("derived-from", text(container, "/ModelPackageName"))
        .members(container, &[("framework", "/Framework"), ("framework-version", "/FrameworkVersion")]);
    if let Some(job) = weights.and_then(|weights| lineage::trained_by(slice, weights)) {
        let job = slice.home.arn("sagemaker", &format!("training-job/{}", job.to_ascii_lowercase()));
        thing = thing.edge("derived-from", Some(&job));
    }
    let environment = container.get("Environment").and_then(Value::as_object);
    let variables =
        environment.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    for (name, value) in variables.clone() {
        if matches!(name, "HF_MODEL_ID" | "OPTION_MODEL_ID" | "SM_VLLM_MODEL") {
            thing = thing.model("derived-from", Some(value));
        }
    }
    let found = Environment::of(variables);
    for name in &found.registered {
        thing.edge_to("derived-from", names::SCHEME, name.as_str(), &[]);
    }
    for key in &found.keys {
        thing = thing.property("key-in-environment", key.as_str());
    }
    thing
}

/// Groups, and the first page of the versions of each. `more` names those that have further pages, and where these begin:
/// they are taken one by one.
pub(super) fn group(slice: &mut Slice<'_>, items: &[Value], more: Option<String>) -> Option<String> {
    let mut left: Vec<(String, Option<String>)> = match &more {
        Some(more) => serde_json::from_str(more).unwrap_or_default(),
        None => {
            let tags = tags(slice, items, "ModelPackageGroupArn");
            for (group, tags) in items.iter().zip(tags) {
                report_group(slice, group, tags.as_ref());
            }
            items
                .iter()
                .filter_map(|group| Some((text(group, "/ModelPackageGroupName")?.to_owned(), None)))
                .collect()
        }
    };
    let now = left.drain(..if more.is_some() { left.len().min(1) } else { left.len() }).collect::<Vec<_>>();
    let asks = now.iter().map(|(name, page)| {
        let mut body = json!({ "ModelPackageGroupName": name, "MaxResults": PACKAGES });
        if let Some(page) = page {
            body["NextToken"] = json!(page);
        }
        SAGEMAKER.json(&slice.home, "ListModelPackages", &body)
    });
    let answers = slice.ask_all(asks.collect());
    let mut packages = vec![];
    for ((name, page), answer) in now.into_iter().zip(answers) {
        let Some(answer) = answer else { continue };
        packages.extend(entries(&answer, "/ModelPackageSummaryList").cloned());
        // A page that leads to itself is the last one.
        let next = text(&answer, "/NextToken").filter(|next| page.as_deref() != Some(*next));
        left.extend(next.filter(|next| !next.is_empty()).map(|next| (name, Some(next.to_owned()))));
    }
    package(slice, &packages, items);
    if left.is_empty() { None } else { serde_json::to_string(&left).ok() }
}

fn report_group(slice: &mut Slice<'_>, group: &Value, tags: Option<&Value>) {
    let (Some(arn), Some(name)) =
        (text(group, "/ModelPackageGroupArn"), text(group, "/ModelPackageGroupName"))
    else {
        return;
    };
    Thing::new(arn, "model-family", name)
        .called(&Name::sagemaker_group(name))
        .members(
            group,
            &[("status", "/ModelPackageGroupStatus"), ("description", "/ModelPackageGroupDescription")],
        )
        .times(group)
        .tags(tags)
        .report(slice);
}

/// Packages that belong to no group.
pub(super) fn ungrouped(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let items: Vec<Value> =
        items.iter().filter(|item| text(item, "/ModelPackageGroupName").is_none()).cloned().collect();
    package(slice, &items, &[]);
    None
}

fn package(slice: &mut Slice<'_>, items: &[Value], groups: &[Value]) {
    for package in described(slice, items, "DescribeModelPackage", "ModelPackageName", "ModelPackageArn") {
        let Some(arn) = text(&package, "/ModelPackageArn") else { continue };
        let in_group = text(&package, "/ModelPackageGroupName");
        let group = groups.iter().find(|group| text(group, "/ModelPackageGroupName") == in_group);
        let group = group.and_then(|group| text(group, "/ModelPackageGroupArn"));
        let version = package.get("ModelPackageVersion").and_then(Value::as_u64);
        let name = match (in_group, version) {
            (Some(group), Some(version)) => format!("{group}/{version}"),
            _ => text(&package, "/ModelPackageName").unwrap_or(arn).to_owned(),
        };
        let mut thing = Thing::new(arn, "model-version", name)
            .members(
                &package,
                &[
                    ("status", "/ModelPackageStatus"),
                    ("approval", "/ModelApprovalStatus"),
                    ("approval-note", "/ApprovalDescription"),
                    ("description", "/ModelPackageDescription"),
                    ("stage", "/ModelLifeCycle/Stage"),
                    ("stage-status", "/ModelLifeCycle/StageStatus"),
                    ("task", "/Task"),
                    ("domain", "/Domain"),
                    ("source", "/SourceUri"),
                    ("content-types", "/InferenceSpecification/SupportedContentTypes"),
                ],
            )
            .maybe("version", version)
            .maybe("metadata", package.get("CustomerMetadataProperties").cloned())
            .times(&package)
            .edge("instance-of", group)
            .edge("derived-from", text(&package, "/MetadataProperties/GeneratedBy"));
        for container in entries(&package, "/InferenceSpecification/Containers") {
            thing = container_of(slice, thing, container);
        }
        for metric in ["/ModelMetrics/ModelQuality/Statistics/S3Uri", "/ModelMetrics/Bias/Report/S3Uri"] {
            thing = thing.bucket(text(&package, metric), "read");
        }
        thing.report(slice);
    }
}

pub(super) fn card(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for card in described(slice, items, "DescribeModelCard", "ModelCardName", "ModelCardName") {
        let (Some(arn), Some(name)) = (text(&card, "/ModelCardArn"), text(&card, "/ModelCardName")) else {
            continue;
        };
        let content: Value = text(&card, "/Content")
            .and_then(|content| serde_json::from_str(content).ok())
            .unwrap_or_default();
        let content = merged(&Value::Null, Some(content));
        let model = text(&content, "/model_overview/model_id").map(|id| match crate::arn::Arn::parse(id) {
            Some(_) => id.to_owned(),
            None => slice.home.arn("sagemaker", &format!("model/{}", id.to_ascii_lowercase())),
        });
        Thing::new(arn, "document", name)
            .members(&card, &[("status", "/ModelCardStatus"), ("card-version", "/ModelCardVersion")])
            .members(
                &content,
                &[
                    ("purpose", "/intended_uses/purpose_of_model"),
                    ("intended-uses", "/intended_uses/intended_uses"),
                    ("risk-rating", "/intended_uses/risk_rating"),
                    ("owner", "/model_overview/model_owner"),
                    ("problem-type", "/model_overview/problem_type"),
                ],
            )
            .times(&card)
            .edge("declares", model.as_deref())
            .report(slice);
    }
    None
}
