//! Services with models of the account's own: Comprehend, Kendra, Amazon Q Business, Rekognition.

use crate::call::{Api, Form, segment};
use crate::listing::{Call, Listing, Slice, Verb, entries};
use crate::sagemaker::merged;
use crate::thing::{Thing, text};
use serde_json::{Value, json};

const COMPREHEND: Api = Api {
    actions: "comprehend",
    host: "comprehend.{region}.amazonaws.com",
    form: Form::Json { target: "Comprehend_20171127", version: "1.1" },
};
const KENDRA: Api = Api {
    actions: "kendra",
    host: "kendra.{region}.amazonaws.com",
    form: Form::Json { target: "AWSKendraFrontendService", version: "1.1" },
};
const REKOGNITION: Api = Api {
    actions: "rekognition",
    host: "rekognition.{region}.amazonaws.com",
    form: Form::Json { target: "RekognitionService", version: "1.1" },
};
const QBUSINESS: Api = Api { actions: "qbusiness", host: "qbusiness.{region}.api.aws", form: Form::Rest };

type Visit = fn(&mut Slice<'_>, &[Value], Option<String>) -> Option<String>;

const fn listing(
    api: &'static Api,
    operation: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    items: &'static str,
    chunk: usize,
    visit: Visit,
) -> Listing {
    let token = Some(("NextToken", "/NextToken"));
    Listing { call: Call { api, operation, path: None, parameters, token }, items, chunk, visit }
}

const MANY: &[(&str, &str)] = &[("MaxResults", "100")];

pub(crate) const COMPREHEND_LISTINGS: &[Listing] = &[
    listing(
        &COMPREHEND,
        "ListDocumentClassifiers",
        MANY,
        "/DocumentClassifierPropertiesList",
        100,
        classifier,
    ),
    listing(&COMPREHEND, "ListEntityRecognizers", MANY, "/EntityRecognizerPropertiesList", 100, recognizer),
    listing(&COMPREHEND, "ListEndpoints", MANY, "/EndpointPropertiesList", 100, comprehend_endpoint),
    listing(&COMPREHEND, "ListFlywheels", MANY, "/FlywheelSummaryList", 100, flywheel),
];

pub(crate) const KENDRA_LISTINGS: &[Listing] =
    &[listing(&KENDRA, "ListIndices", MANY, "/IndexConfigurationSummaryItems", 20, index)];

pub(crate) const REKOGNITION_LISTINGS: &[Listing] = &[
    listing(&REKOGNITION, "DescribeProjects", MANY, "/ProjectDescriptions", 20, project),
    listing(&REKOGNITION, "ListCollections", MANY, "/CollectionIds", 100, faces),
];

pub(crate) const QBUSINESS_LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &QBUSINESS,
        operation: "ListApplications",
        path: Some((Verb::Get, "/applications")),
        parameters: &[("maxResults", "40")],
        token: Some(("nextToken", "/nextToken")),
    },
    items: "/applications",
    chunk: 40,
    visit: application,
}];

/// The part of an ARN that is its object's name: `document-classifier/NAME/version/V`.
fn name_of(arn: &str) -> String {
    crate::arn::Arn::parse(arn).map_or(arn, |arn| arn.name()).replace("/version/", "/")
}

fn comprehend_model(slice: &mut Slice<'_>, model: &Value, arn: &str) {
    Thing::new(arn, "model-version", name_of(arn))
        .members(
            model,
            &[
                ("status", "/Status"),
                ("language", "/LanguageCode"),
                ("version", "/VersionName"),
                ("mode", "/Mode"),
            ],
        )
        .maybe(
            "accuracy",
            model.pointer("/ClassifierMetadata/EvaluationMetrics/Accuracy").and_then(Value::as_f64),
        )
        .maybe("f1", model.pointer("/RecognizerMetadata/EvaluationMetrics/F1Score").and_then(Value::as_f64))
        .maybe("submitted", model.get("SubmitTime").map(Value::to_string))
        .runs_as(text(model, "/DataAccessRoleArn"))
        .trained_on(text(model, "/InputDataConfig/S3Uri"), Some("training"))
        .trained_on(text(model, "/InputDataConfig/Documents/S3Uri"), Some("documents"))
        .edge("derived-from", text(model, "/FlywheelArn"))
        .edge("derived-from", text(model, "/SourceModelArn"))
        .report(slice);
}

fn classifier(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in items {
        if let Some(arn) = text(model, "/DocumentClassifierArn") {
            comprehend_model(slice, model, arn);
        }
    }
    None
}

fn recognizer(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for model in items {
        if let Some(arn) = text(model, "/EntityRecognizerArn") {
            comprehend_model(slice, model, arn);
        }
    }
    None
}

fn comprehend_endpoint(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for endpoint in items {
        let Some(arn) = text(endpoint, "/EndpointArn") else { continue };
        Thing::new(arn, "endpoint", name_of(arn))
            .members(endpoint, &[("status", "/Status"), ("units", "/CurrentInferenceUnits")])
            .times(endpoint)
            .runs_as(text(endpoint, "/DataAccessRoleArn"))
            .edge("serves", text(endpoint, "/ModelArn"))
            .report(slice);
    }
    None
}

fn flywheel(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for flywheel in items {
        let Some(arn) = text(flywheel, "/FlywheelArn") else { continue };
        Thing::new(arn, "pipeline", name_of(arn))
            .members(flywheel, &[("status", "/Status"), ("type", "/ModelType")])
            .times(flywheel)
            .edge("uses", text(flywheel, "/ActiveModelArn"))
            .bucket(text(flywheel, "/DataLakeS3Uri"), "read")
            .report(slice);
    }
    None
}

fn index(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let asks = items
        .iter()
        .map(|item| KENDRA.json(&slice.home, "DescribeIndex", &json!({ "Id": item.get("Id") })))
        .collect();
    let answers = slice.ask_all(asks);
    for (item, answer) in items.iter().zip(answers) {
        let index = merged(item, answer);
        let Some(id) = text(&index, "/Id") else { continue };
        let arn = slice.home.arn("kendra", &format!("index/{id}"));
        Thing::new(arn, "vector-store", text(&index, "/Name").unwrap_or(id))
            .members(
                &index,
                &[
                    ("status", "/Status"),
                    ("edition", "/Edition"),
                    ("description", "/Description"),
                    ("documents", "/IndexStatistics/TextDocumentStatistics/IndexedTextDocumentsCount"),
                    ("kms-key", "/ServerSideEncryptionConfiguration/KmsKeyId"),
                ],
            )
            .times(&index)
            .runs_as(text(&index, "/RoleArn"))
            .report(slice);
    }
    None
}

fn project(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for project in items {
        let Some(arn) = text(project, "/ProjectArn") else { continue };
        let name = name_of(arn);
        Thing::new(arn, "model-family", name.split('/').next().unwrap_or(&name))
            .members(project, &[("status", "/Status"), ("feature", "/Feature")])
            .times(project)
            .report(slice);
        let versions = slice.pages("/ProjectVersionDescriptions", "/NextToken", |home, token| {
            let mut body = json!({ "ProjectArn": arn, "MaxResults": 100 });
            if let Some(token) = token {
                body["NextToken"] = json!(token);
            }
            REKOGNITION.json(home, "DescribeProjectVersions", &body)
        });
        for version in &versions {
            let Some(version_arn) = text(version, "/ProjectVersionArn") else { continue };
            let bucket = text(version, "/OutputConfig/S3Bucket").map(|bucket| format!("s3://{bucket}"));
            Thing::new(version_arn, "model-version", name_of(version_arn))
                .members(
                    version,
                    &[
                        ("status", "/Status"),
                        ("f1", "/EvaluationResult/F1Score"),
                        ("base", "/BaseModelVersion"),
                    ],
                )
                .edge("instance-of", Some(arn))
                .bucket(bucket.as_deref(), "write")
                .report(slice);
        }
    }
    None
}

/// Collections of faces.
fn faces(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for name in items.iter().filter_map(Value::as_str) {
        let arn = slice.home.arn("rekognition", &format!("collection/{name}"));
        Thing::new(arn, "dataset", name).property("holds", "faces").report(slice);
    }
    None
}

fn application(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let asks = items
        .iter()
        .map(|item| {
            let id = segment(text(item, "/applicationId").unwrap_or_default());
            QBUSINESS.get(&slice.home, "GetApplication", &format!("/applications/{id}"), &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    for (item, answer) in items.iter().zip(answers) {
        let application = merged(item, answer);
        let Some(id) = text(&application, "/applicationId") else { continue };
        let made = slice.home.arn("qbusiness", &format!("application/{id}"));
        let mut thing = Thing::new(
            text(&application, "/applicationArn").unwrap_or(&made),
            "agent",
            text(&application, "/displayName").unwrap_or(id),
        )
        .members(
            &application,
            &[
                ("status", "/status"),
                ("description", "/description"),
                ("sign-in", "/identityType"),
                ("kms-key", "/encryptionConfiguration/kmsKeyId"),
            ],
        )
        .times(&application)
        .runs_as(text(&application, "/roleArn"));
        for plugin in entries(&application, "/quickSightConfiguration/clientNamespace") {
            thing = thing.maybe("quicksight-namespace", plugin.as_str());
        }
        thing.report(slice);
    }
    None
}
