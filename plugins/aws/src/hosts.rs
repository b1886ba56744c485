//! Amazon EC2: instances with GPUs and AI accelerators.

use crate::call::{Api, Form};
use crate::listing::{Call, Listing, Slice, entries};
use crate::signal;
use crate::thing::{Thing, text};
use serde_json::Value;

const EC2: Api =
    Api { actions: "ec2", host: "ec2.{region}.amazonaws.com", form: Form::Query { version: "2016-11-15" } };

/// Emulators do not know wildcards in filters, so all instances are listed: five hundred a call.
pub(crate) const LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &EC2,
        operation: "DescribeInstances",
        path: None,
        parameters: &[("MaxResults", "500")],
        token: Some(("NextToken", "/nextToken")),
    },
    items: "/reservationSet",
    chunk: 500,
    visit: reservations,
}];

fn reservations(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for instance in items.iter().flat_map(|reservation| entries(reservation, "/instancesSet")) {
        let (Some(id), Some(kind)) = (text(instance, "/instanceId"), text(instance, "/instanceType")) else {
            continue;
        };
        let state = text(instance, "/instanceState/name").unwrap_or("unknown");
        if !signal::accelerated(kind) || state == "terminated" {
            continue;
        }
        let tags = Value::Array(
            entries(instance, "/tagSet")
                .filter_map(|tag| {
                    Some(serde_json::json!({ "Key": text(tag, "/key")?, "Value": text(tag, "/value").unwrap_or_default() }))
                })
                .collect(),
        );
        let name = entries(&tags, "")
            .find(|tag| text(tag, "/Key") == Some("Name"))
            .and_then(|tag| text(tag, "/Value"))
            .unwrap_or(id);
        Thing::new(slice.home.arn("ec2", &format!("instance/{id}")), "host", name)
            .property("instance-type", kind)
            .property("status", state)
            .members(
                instance,
                &[
                    ("instance-id", "/instanceId"),
                    ("image", "/imageId"),
                    ("launched", "/launchTime"),
                    ("public-address", "/ipAddress"),
                    ("vpc", "/vpcId"),
                    ("instance-profile", "/iamInstanceProfile/arn"),
                    ("lifecycle", "/instanceLifecycle"),
                ],
            )
            .tags(Some(&tags))
            .report(slice);
    }
    None
}
