//! Endpoints: configurations with their variants, what serves now, inference components, monitors.

use super::{SAGEMAKER, described, tags};
use crate::listing::{Slice, entries};
use crate::thing::{Prop, Thing, text};
use inventar_analysis::names::Name;
use serde_json::{Value, json};

/// A variant of a configuration.
#[derive(Debug)]
struct Variant {
    name: String,
    /// The ARN of its model.
    model: Option<String>,
    weight: f64,
    is_shadow: bool,
    instance_type: Option<String>,
}

fn variants(slice: &Slice<'_>, configuration: &Value) -> Vec<Variant> {
    let read = |entry: &Value, is_shadow: bool| Variant {
        name: text(entry, "/VariantName").unwrap_or_default().to_owned(),
        model: text(entry, "/ModelName")
            .map(|model| slice.home.arn("sagemaker", &format!("model/{}", model.to_ascii_lowercase()))),
        // AWS leaves the default out.
        weight: entry.get("InitialVariantWeight").and_then(Value::as_f64).unwrap_or(1.0),
        is_shadow,
        instance_type: text(entry, "/InstanceType").map(str::to_owned),
    };
    let production = entries(configuration, "/ProductionVariants").map(|entry| read(entry, false));
    let shadow = entries(configuration, "/ShadowProductionVariants").map(|entry| read(entry, true));
    production.chain(shadow).collect()
}

/// Which part a variant has: the one with the most traffic is primary, others beside it are canaries.
fn role(variant: &Variant, all: &[Variant]) -> &'static str {
    if variant.is_shadow {
        return "shadow";
    }
    let most = all.iter().filter(|other| !other.is_shadow).map(|other| other.weight).fold(0.0, f64::max);
    let is_first = all
        .iter()
        .find(|other| !other.is_shadow && other.weight >= most)
        .is_some_and(|first| first.name == variant.name);
    if is_first { "primary" } else { "canary" }
}

fn edges(thing: &mut Thing, kind: &str, all: &[Variant]) {
    let total: f64 = all.iter().filter(|variant| !variant.is_shadow).map(|variant| variant.weight).sum();
    for variant in all {
        let Some(model) = &variant.model else { continue };
        let mut properties = vec![
            ("variant", Prop::Text(variant.name.clone())),
            ("role", Prop::Text(role(variant, all).to_owned())),
            ("weight", Prop::Number(variant.weight)),
        ];
        if !variant.is_shadow && total > 0.0 {
            properties.push(("share", Prop::Number((variant.weight / total * 1e6).round() / 1e6)));
        }
        if let Some(instance_type) = &variant.instance_type {
            properties.push(("instance-type", Prop::Text(instance_type.clone())));
        }
        thing.edge_to(kind, "arn", model.as_str(), &properties);
    }
}

pub(super) fn configuration(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "EndpointConfigName";
    for configuration in described(slice, items, "DescribeEndpointConfig", name, name) {
        let arn = text(&configuration, "/EndpointConfigArn");
        let (Some(arn), Some(name)) = (arn, text(&configuration, "/EndpointConfigName")) else { continue };
        let mut thing = Thing::new(arn, "config", name)
            .members(
                &configuration,
                &[
                    ("kms-key", "/KmsKeyId"),
                    ("data-capture", "/DataCaptureConfig/EnableCapture"),
                    ("network-isolation", "/EnableNetworkIsolation"),
                    ("async-output", "/AsyncInferenceConfig/OutputConfig/S3OutputPath"),
                ],
            )
            .times(&configuration)
            .runs_as(text(&configuration, "/ExecutionRoleArn"))
            .bucket(text(&configuration, "/DataCaptureConfig/DestinationS3Uri"), "write")
            .bucket(text(&configuration, "/AsyncInferenceConfig/OutputConfig/S3OutputPath"), "write");
        let variants = variants(slice, &configuration);
        edges(&mut thing, "uses", &variants);
        thing.report(slice);
    }
    None
}

pub(super) fn endpoint(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let endpoints = described(slice, items, "DescribeEndpoint", "EndpointName", "EndpointName");
    let tags = tags(slice, &endpoints, "EndpointArn");
    // What could not be described does not say its configuration.
    let named: Vec<Option<&str>> =
        endpoints.iter().map(|endpoint| text(endpoint, "/EndpointConfigName")).collect();
    let asks = named
        .iter()
        .flatten()
        .map(|name| {
            SAGEMAKER.json(&slice.home, "DescribeEndpointConfig", &json!({ "EndpointConfigName": name }))
        })
        .collect();
    let mut answers = slice.ask_all(asks).into_iter();
    let configurations: Vec<Option<Value>> =
        named.iter().map(|name| name.and_then(|_| answers.next().flatten())).collect();
    for ((endpoint, tags), configuration) in endpoints.iter().zip(tags).zip(configurations) {
        let (Some(arn), Some(name)) = (text(endpoint, "/EndpointArn"), text(endpoint, "/EndpointName"))
        else {
            continue;
        };
        let configured = text(endpoint, "/EndpointConfigName").map(|name| {
            slice.home.arn("sagemaker", &format!("endpoint-config/{}", name.to_ascii_lowercase()))
        });
        let configured = configuration
            .as_ref()
            .and_then(|configuration| text(configuration, "/EndpointConfigArn").map(str::to_owned))
            .or(configured);
        // Not its URL: the host is that of all accounts of the region.
        let mut thing = Thing::new(arn, "endpoint", name)
            .called(&Name::sagemaker_endpoint(name))
            .members(
                endpoint,
                &[
                    ("status", "/EndpointStatus"),
                    ("failure", "/FailureReason"),
                    ("data-capture", "/DataCaptureConfig/EnableCapture"),
                    ("data-capture-percent", "/DataCaptureConfig/CurrentSamplingPercentage"),
                ],
            )
            .times(endpoint)
            .tags(tags.as_ref())
            .bucket(text(endpoint, "/DataCaptureConfig/DestinationS3Uri"), "write")
            .edge("uses", configured.as_deref());
        let mut variants = configuration.map(|found| variants(slice, &found)).unwrap_or_default();
        for variant in &mut variants {
            let list = if variant.is_shadow { "/ShadowProductionVariants" } else { "/ProductionVariants" };
            let now = entries(endpoint, list).find(|now| text(now, "/VariantName") == Some(&variant.name));
            if let Some(weight) = now.and_then(|now| now.get("CurrentWeight")).and_then(Value::as_f64) {
                variant.weight = weight;
            }
        }
        edges(&mut thing, "serves", &variants);
        let now = entries(endpoint, "/ProductionVariants").filter_map(|now| {
            let weight = now.get("CurrentWeight").and_then(Value::as_f64)?;
            let count = now.get("CurrentInstanceCount").and_then(Value::as_u64);
            Some((text(now, "/VariantName")?.to_owned(), json!({ "weight": weight, "instances": count })))
        });
        let now: serde_json::Map<String, Value> = now.collect();
        thing.maybe("variants", (!now.is_empty()).then_some(Value::Object(now))).report(slice);
    }
    None
}

pub(super) fn component(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "InferenceComponentName";
    for component in described(slice, items, "DescribeInferenceComponent", name, name) {
        let arn = text(&component, "/InferenceComponentArn");
        let (Some(arn), Some(name)) = (arn, text(&component, "/InferenceComponentName")) else { continue };
        let model = text(&component, "/Specification/ModelName")
            .map(|model| slice.home.arn("sagemaker", &format!("model/{}", model.to_ascii_lowercase())));
        Thing::new(arn, "deployment", name)
            .members(
                &component,
                &[
                    ("status", "/InferenceComponentStatus"),
                    ("variant", "/VariantName"),
                    ("copies", "/RuntimeConfig/CurrentCopyCount"),
                    (
                        "accelerators",
                        "/Specification/ComputeResourceRequirements/NumberOfAcceleratorDevicesRequired",
                    ),
                ],
            )
            .times(&component)
            .edge("uses", text(&component, "/EndpointArn"))
            .edge("serves", model.as_deref())
            .image(text(&component, "/Specification/Container/DeployedImage/SpecifiedImage"))
            .artifact(text(&component, "/Specification/Container/ArtifactUrl"))
            .report(slice);
    }
    None
}

pub(super) fn monitor(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "MonitoringScheduleName";
    for monitor in described(slice, items, "DescribeMonitoringSchedule", name, name) {
        let arn = text(&monitor, "/MonitoringScheduleArn");
        let (Some(arn), Some(name)) = (arn, text(&monitor, "/MonitoringScheduleName")) else { continue };
        let endpoint = text(&monitor, "/EndpointName").map(|endpoint| {
            slice.home.arn("sagemaker", &format!("endpoint/{}", endpoint.to_ascii_lowercase()))
        });
        let definition = "/MonitoringScheduleConfig/MonitoringJobDefinition";
        Thing::new(arn, "drift-monitor", name)
            .members(
                &monitor,
                &[
                    ("status", "/MonitoringScheduleStatus"),
                    ("monitors", "/MonitoringType"),
                    ("schedule", "/MonitoringScheduleConfig/ScheduleConfig/ScheduleExpression"),
                    ("last-run", "/LastMonitoringExecutionSummary/MonitoringExecutionStatus"),
                ],
            )
            .times(&monitor)
            .edge("uses", endpoint.as_deref())
            .runs_as(text(&monitor, &format!("{definition}/RoleArn")))
            .image(text(&monitor, &format!("{definition}/MonitoringAppSpecification/ImageUri")))
            .report(slice);
    }
    None
}
