//! Amazon SageMaker.

use crate::call::{Api, Form};
use crate::listing::{Call, Listing, Slice};
use serde_json::{Map, Value, json};

mod endpoints;
mod jobs;
mod lineage;
mod models;
mod projects;
mod studio;

pub(crate) const SAGEMAKER: Api = Api {
    actions: "sagemaker",
    host: "api.sagemaker.{region}.amazonaws.com",
    form: Form::Json { target: "SageMaker", version: "1.1" },
};

type Visit = fn(&mut Slice<'_>, &[Value], Option<String>) -> Option<String>;

/// A page of what is described one by one.
const SOME: &[(&str, &str)] = &[("MaxResults", "40")];
/// A page of what is complete in the list.
const MANY: &[(&str, &str)] = &[("MaxResults", "100")];

const fn listing(
    operation: &'static str,
    items: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    chunk: usize,
    visit: Visit,
) -> Listing {
    let token = Some(("NextToken", "/NextToken"));
    Listing { call: Call { api: &SAGEMAKER, operation, path: None, parameters, token }, items, chunk, visit }
}

/// Training jobs come before models: models are joined to the jobs that wrote their weights.
pub(crate) const LISTINGS: &[Listing] = &[
    listing("ListTrainingJobs", "/TrainingJobSummaries", SOME, 40, jobs::training),
    listing("ListHyperParameterTuningJobs", "/HyperParameterTuningJobSummaries", SOME, 40, jobs::tuning),
    listing("ListAutoMLJobs", "/AutoMLJobSummaries", SOME, 40, jobs::auto_ml),
    listing("ListProcessingJobs", "/ProcessingJobSummaries", SOME, 40, jobs::processing),
    listing("ListTransformJobs", "/TransformJobSummaries", SOME, 40, jobs::transform),
    listing("ListLabelingJobs", "/LabelingJobSummaryList", MANY, 100, jobs::labeling),
    listing("ListModels", "/Models", SOME, 40, models::model),
    listing("ListModelPackageGroups", "/ModelPackageGroupSummaryList", MANY, 8, models::group),
    listing("ListModelPackages", "/ModelPackageSummaryList", SOME, 40, models::ungrouped),
    listing("ListModelCards", "/ModelCardSummaries", SOME, 40, models::card),
    listing("ListEndpointConfigs", "/EndpointConfigs", SOME, 40, endpoints::configuration),
    listing("ListEndpoints", "/Endpoints", SOME, 12, endpoints::endpoint),
    listing("ListInferenceComponents", "/InferenceComponents", SOME, 40, endpoints::component),
    listing("ListMonitoringSchedules", "/MonitoringScheduleSummaries", SOME, 40, endpoints::monitor),
    listing("ListPipelines", "/PipelineSummaries", SOME, 40, projects::pipeline),
    listing("ListExperiments", "/ExperimentSummaries", MANY, 100, projects::experiment),
    listing(
        "Search",
        "/Results",
        &[("Resource", "FeatureGroup"), ("MaxResults", "100")],
        100,
        projects::feature_group,
    ),
    listing("ListHubs", "/HubSummaries", MANY, 5, projects::hub),
    listing("ListMlflowTrackingServers", "/TrackingServerSummaries", SOME, 20, projects::tracking_server),
    listing("ListNotebookInstances", "/NotebookInstances", SOME, 20, studio::notebook),
    listing("ListDomains", "/Domains", SOME, 20, studio::domain),
    listing("ListApps", "/Apps", MANY, 100, studio::app),
    listing("ListClusters", "/ClusterSummaries", SOME, 20, studio::cluster),
];

/// Describes each entry by its name; what could not be described stays as the list has it.
fn described(
    slice: &mut Slice<'_>,
    items: &[Value],
    operation: &str,
    parameter: &str,
    from: &str,
) -> Vec<Value> {
    let asks = items
        .iter()
        .map(|item| SAGEMAKER.json(&slice.home, operation, &json!({ parameter: item.get(from) })))
        .collect();
    let answers = slice.ask_all(asks);
    items.iter().zip(answers).map(|(item, answer)| merged(item, answer)).collect()
}

/// What the list says, and over it what the description says.
pub(crate) fn merged(item: &Value, description: Option<Value>) -> Value {
    let mut all: Map<String, Value> = item.as_object().cloned().unwrap_or_default();
    if let Some(Value::Object(more)) = description {
        all.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(all)
}

/// The tags of objects, in order.
fn tags(slice: &mut Slice<'_>, objects: &[Value], arn: &str) -> Vec<Option<Value>> {
    let asks = objects
        .iter()
        .map(|object| SAGEMAKER.json(&slice.home, "ListTags", &json!({ "ResourceArn": object.get(arn) })))
        .collect();
    let answers = slice.ask_all(asks);
    answers
        .into_iter()
        .map(|answer| answer.and_then(|mut answer| answer.get_mut("Tags").map(Value::take)))
        .collect()
}
