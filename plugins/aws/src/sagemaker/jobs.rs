//! Jobs: training, tuning, AutoML, processing, batch transform, labelling.

use super::{described, lineage};
use crate::listing::{Slice, entries};
use crate::thing::{Thing, text};
use serde_json::Value;

/// Hyperparameters that are kept.
const MAX_PARAMETERS: usize = 100;

pub(super) fn training(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in described(slice, items, "DescribeTrainingJob", "TrainingJobName", "TrainingJobName") {
        let (Some(arn), Some(name)) = (text(&job, "/TrainingJobArn"), text(&job, "/TrainingJobName")) else {
            continue;
        };
        let output = text(&job, "/OutputDataConfig/S3OutputPath");
        if let Some(output) = output {
            lineage::remember(slice, name, output);
        }
        let mut thing = Thing::new(arn, "training-run", name)
            .members(
                &job,
                &[
                    ("status", "/TrainingJobStatus"),
                    ("algorithm", "/AlgorithmSpecification/AlgorithmName"),
                    ("instance-type", "/ResourceConfig/InstanceType"),
                    ("instance-count", "/ResourceConfig/InstanceCount"),
                    ("network-isolation", "/EnableNetworkIsolation"),
                    ("billable-seconds", "/BillableTimeInSeconds"),
                    ("kms-key", "/OutputDataConfig/KmsKeyId"),
                ],
            )
            .times(&job)
            .maybe("hyperparameters", hyperparameters(&job))
            .maybe("metrics", metrics(&job))
            .runs_as(text(&job, "/RoleArn"))
            .image(text(&job, "/AlgorithmSpecification/TrainingImage"))
            .bucket(output, "write")
            .artifact(text(&job, "/ModelArtifacts/S3ModelArtifacts"));
        for channel in entries(&job, "/InputDataConfig") {
            thing = thing
                .trained_on(text(channel, "/DataSource/S3DataSource/S3Uri"), text(channel, "/ChannelName"));
        }
        thing.edge("derived-from", text(&job, "/TuningJobArn")).report(slice);
    }
    None
}

fn hyperparameters(job: &Value) -> Option<Value> {
    let found = job.get("HyperParameters")?.as_object()?;
    // SageMaker's own begin with `sagemaker_` and hold paths and credentials of the job's container.
    let kept: serde_json::Map<String, Value> = found
        .iter()
        .filter(|(name, _)| !name.starts_with("sagemaker_"))
        .take(MAX_PARAMETERS)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn metrics(job: &Value) -> Option<Value> {
    let metrics: serde_json::Map<String, Value> = entries(job, "/FinalMetricDataList")
        .take(MAX_PARAMETERS)
        .filter_map(|metric| Some((text(metric, "/MetricName")?.to_owned(), metric.get("Value")?.clone())))
        .collect();
    (!metrics.is_empty()).then_some(Value::Object(metrics))
}

pub(super) fn tuning(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let name = "HyperParameterTuningJobName";
    for job in described(slice, items, "DescribeHyperParameterTuningJob", name, name) {
        let arn = text(&job, "/HyperParameterTuningJobArn");
        let (Some(arn), Some(name)) = (arn, text(&job, "/HyperParameterTuningJobName")) else { continue };
        let definition = job.get("TrainingJobDefinition").cloned().unwrap_or_default();
        let mut thing = Thing::new(arn, "training-run", name)
            .members(
                &job,
                &[
                    ("status", "/HyperParameterTuningJobStatus"),
                    ("strategy", "/HyperParameterTuningJobConfig/Strategy"),
                    ("best-training-job", "/BestTrainingJob/TrainingJobName"),
                ],
            )
            .times(&job)
            .runs_as(text(&definition, "/RoleArn"))
            .image(text(&definition, "/AlgorithmSpecification/TrainingImage"))
            .bucket(text(&definition, "/OutputDataConfig/S3OutputPath"), "write")
            .edge("uses", text(&job, "/BestTrainingJob/TrainingJobArn"));
        for channel in entries(&definition, "/InputDataConfig") {
            thing = thing
                .trained_on(text(channel, "/DataSource/S3DataSource/S3Uri"), text(channel, "/ChannelName"));
        }
        thing.report(slice);
    }
    None
}

pub(super) fn auto_ml(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in described(slice, items, "DescribeAutoMLJobV2", "AutoMLJobName", "AutoMLJobName") {
        let (Some(arn), Some(name)) = (text(&job, "/AutoMLJobArn"), text(&job, "/AutoMLJobName")) else {
            continue;
        };
        let mut thing = Thing::new(arn, "training-run", name)
            .members(
                &job,
                &[("status", "/AutoMLJobStatus"), ("best-candidate", "/BestCandidate/CandidateName")],
            )
            .times(&job)
            .runs_as(text(&job, "/RoleArn"))
            .bucket(text(&job, "/OutputDataConfig/S3OutputPath"), "write");
        for channel in entries(&job, "/AutoMLJobInputDataConfig") {
            thing = thing
                .trained_on(text(channel, "/DataSource/S3DataSource/S3Uri"), text(channel, "/ChannelType"));
        }
        thing.report(slice);
    }
    None
}

pub(super) fn processing(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in described(slice, items, "DescribeProcessingJob", "ProcessingJobName", "ProcessingJobName") {
        let (Some(arn), Some(name)) = (text(&job, "/ProcessingJobArn"), text(&job, "/ProcessingJobName"))
        else {
            continue;
        };
        let mut thing = Thing::new(arn, "workload", name)
            .members(
                &job,
                &[
                    ("status", "/ProcessingJobStatus"),
                    ("instance-type", "/ProcessingResources/ClusterConfig/InstanceType"),
                    ("instance-count", "/ProcessingResources/ClusterConfig/InstanceCount"),
                ],
            )
            .times(&job)
            .runs_as(text(&job, "/RoleArn"))
            .image(text(&job, "/AppSpecification/ImageUri"))
            .edge("uses", text(&job, "/MonitoringScheduleArn"))
            .edge("uses", text(&job, "/AutoMLJobArn"))
            .edge("uses", text(&job, "/TrainingJobArn"));
        for input in entries(&job, "/ProcessingInputs") {
            thing = thing.bucket(text(input, "/S3Input/S3Uri"), "read");
        }
        for output in entries(&job, "/ProcessingOutputConfig/Outputs") {
            thing = thing.bucket(text(output, "/S3Output/S3Uri"), "write");
        }
        thing.report(slice);
    }
    None
}

pub(super) fn transform(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in described(slice, items, "DescribeTransformJob", "TransformJobName", "TransformJobName") {
        let (Some(arn), Some(name)) = (text(&job, "/TransformJobArn"), text(&job, "/TransformJobName"))
        else {
            continue;
        };
        let model = text(&job, "/ModelName")
            .map(|model| slice.home.arn("sagemaker", &format!("model/{}", model.to_ascii_lowercase())));
        Thing::new(arn, "workload", name)
            .members(
                &job,
                &[
                    ("status", "/TransformJobStatus"),
                    ("instance-type", "/TransformResources/InstanceType"),
                    ("instance-count", "/TransformResources/InstanceCount"),
                ],
            )
            .times(&job)
            .edge("uses", model.as_deref())
            .bucket(text(&job, "/TransformInput/DataSource/S3DataSource/S3Uri"), "read")
            .bucket(text(&job, "/TransformOutput/S3OutputPath"), "write")
            .report(slice);
    }
    None
}

pub(super) fn labeling(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for job in items {
        let (Some(arn), Some(name)) = (text(job, "/LabelingJobArn"), text(job, "/LabelingJobName")) else {
            continue;
        };
        Thing::new(arn, "workload", name)
            .members(
                job,
                &[
                    ("status", "/LabelingJobStatus"),
                    ("workteam", "/WorkteamArn"),
                    ("labelled", "/LabelCounters/TotalLabeled"),
                ],
            )
            .times(job)
            .bucket(text(job, "/InputConfig/DataSource/S3DataSource/ManifestS3Uri"), "read")
            .bucket(text(job, "/LabelingJobOutput/OutputDatasetS3Uri"), "write")
            .report(slice);
    }
    None
}
