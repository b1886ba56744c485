//! Amazon OpenSearch: domains that search by vectors, and serverless collections made for it.

use crate::call::{Api, Form, segment};
use crate::listing::{Call, Listing, Slice, Verb, entries};
use crate::signal;
use crate::thing::{Thing, text};
use serde_json::{Value, json};

const DOMAINS: Api = Api { actions: "es", host: "es.{region}.amazonaws.com", form: Form::Rest };
const COLLECTIONS: Api = Api {
    actions: "aoss",
    host: "aoss.{region}.amazonaws.com",
    form: Form::Json { target: "OpenSearchServerless", version: "1.0" },
};

pub(crate) const DOMAIN_LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &DOMAINS,
        operation: "ListDomainNames",
        path: Some((Verb::Get, "/2021-01-01/domain")),
        parameters: &[],
        token: None,
    },
    items: "/DomainNames",
    chunk: 30,
    visit: domains,
}];

pub(crate) const COLLECTION_LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &COLLECTIONS,
        operation: "ListCollections",
        path: None,
        parameters: &[("maxResults", "100")],
        token: Some(("nextToken", "/nextToken")),
    },
    items: "/collectionSummaries",
    chunk: 100,
    visit: collections,
}];

/// A domain counts when its name says what it is for, or when it is set up to embed or to search vectors.
fn domains(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let asks = items
        .iter()
        .map(|item| {
            let name = segment(text(item, "/DomainName").unwrap_or_default());
            DOMAINS.get(&slice.home, "DescribeDomain", &format!("/2021-01-01/opensearch/domain/{name}"), &[])
        })
        .collect();
    let answers = slice.ask_all(asks);
    for (item, answer) in items.iter().zip(answers) {
        let Some(name) = text(item, "/DomainName") else { continue };
        let domain = answer.and_then(|answer| answer.get("DomainStatus").cloned()).unwrap_or_default();
        let is_set_up =
            ["/AIMLOptions/S3VectorsEngine/Enabled", "/AIMLOptions/ServerlessVectorAcceleration/Enabled"]
                .iter()
                .any(|at| domain.pointer(at).and_then(Value::as_bool) == Some(true))
                || text(&domain, "/AIMLOptions/NaturalLanguageQueryGenerationOptions/DesiredState")
                    == Some("ENABLED");
        if !is_set_up && !signal::vector_name(name) {
            continue;
        }
        let made = slice.home.arn("es", &format!("domain/{name}"));
        Thing::new(text(&domain, "/ARN").unwrap_or(&made), "vector-store", name)
            .members(
                &domain,
                &[
                    ("engine", "/EngineVersion"),
                    ("address", "/Endpoint"),
                    ("instance-type", "/ClusterConfig/InstanceType"),
                    ("instance-count", "/ClusterConfig/InstanceCount"),
                    ("encrypted", "/EncryptionAtRestOptions/Enabled"),
                    ("vpc", "/VPCOptions/VPCId"),
                ],
            )
            .report(slice);
    }
    None
}

fn collections(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let ids: Vec<&Value> = items.iter().filter_map(|item| item.get("id")).collect();
    if ids.is_empty() {
        return None;
    }
    let ask = COLLECTIONS.json(&slice.home, "BatchGetCollection", &json!({ "ids": ids }));
    let answer = slice.ask(ask)?;
    for collection in entries(&answer, "/collectionDetails") {
        let (Some(arn), Some(name)) = (text(collection, "/arn"), text(collection, "/name")) else { continue };
        if text(collection, "/type") != Some("VECTORSEARCH") && !signal::vector_name(name) {
            continue;
        }
        Thing::new(arn, "vector-store", name)
            .members(
                collection,
                &[
                    ("status", "/status"),
                    ("type", "/type"),
                    ("description", "/description"),
                    ("address", "/collectionEndpoint"),
                    ("kms-key", "/kmsKeyArn"),
                ],
            )
            .times(collection)
            .report(slice);
    }
    None
}
