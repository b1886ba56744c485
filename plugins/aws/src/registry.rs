//! Amazon ECR: repositories of images that serve, train or call models.

use crate::call::{Api, Form};
use crate::listing::{Call, Listing, Slice, entries};
use crate::signal;
use crate::thing::{Thing, text};
use serde_json::{Value, json};

const ECR: Api = Api {
    actions: "ecr",
    host: "api.ecr.{region}.amazonaws.com",
    form: Form::Json { target: "AmazonEC2ContainerRegistry_V20150921", version: "1.1" },
};

/// Tags of a repository that are kept.
const MAX_TAGS: usize = 50;

pub(crate) const LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &ECR,
        operation: "DescribeRepositories",
        path: None,
        parameters: &[("maxResults", "100")],
        token: Some(("nextToken", "/nextToken")),
    },
    items: "/repositories",
    chunk: 100,
    visit: repositories,
}];

fn repositories(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let found: Vec<&Value> = items
        .iter()
        .filter(|repository| text(repository, "/repositoryName").is_some_and(signal::repository_name))
        .collect();
    let asks = found
        .iter()
        .map(|repository| {
            let body = json!({ "repositoryName": repository.get("repositoryName"), "maxResults": 100 });
            ECR.json(&slice.home, "DescribeImages", &body)
        })
        .collect();
    let answers = slice.ask_all(asks);
    for (repository, images) in found.into_iter().zip(answers) {
        let arn = text(repository, "/repositoryArn");
        let (Some(arn), Some(name)) = (arn, text(repository, "/repositoryName")) else { continue };
        let images = images.unwrap_or_default();
        let mut tags: Vec<String> = entries(&images, "/imageDetails")
            .flat_map(|image| entries(image, "/imageTags"))
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        tags.sort();
        tags.truncate(MAX_TAGS);
        Thing::new(arn, "repository", name)
            .members(
                repository,
                &[
                    ("address", "/repositoryUri"),
                    ("tag-mutability", "/imageTagMutability"),
                    ("scan-on-push", "/imageScanningConfiguration/scanOnPush"),
                    ("encryption", "/encryptionConfiguration/encryptionType"),
                ],
            )
            .maybe("image-tags", (!tags.is_empty()).then_some(tags))
            .times(repository)
            .report(slice);
    }
    None
}
