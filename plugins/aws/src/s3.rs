//! Amazon S3: the buckets that AI services made for themselves, and who can read them.
//!
//! Buckets that models, jobs and agents name are reported where they are named; here are those that say by their own name
//! what they are for, such as SageMaker's and Bedrock's default buckets.

use crate::arn::Home;
use crate::call::{Api, Form, segment};
use crate::listing::{Call, Listing, Slice, Verb, entries};
use crate::signal;
use crate::thing::{Thing, text};
use serde_json::Value;

const S3: Api = Api { actions: "s3", host: "s3.{region}.amazonaws.com", form: Form::Xml };

pub(crate) const LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &S3,
        operation: "ListAllMyBuckets",
        path: Some((Verb::Get, "/")),
        parameters: &[],
        token: Some(("continuation-token", "/ContinuationToken")),
    },
    items: "/Buckets/Bucket",
    chunk: 100,
    visit: buckets,
}];

fn buckets(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    for bucket in items {
        let Some(name) = text(bucket, "/Name").filter(|name| signal::bucket_name(name)) else { continue };
        let ask = |home: &Home, operation: &str, what: &str| {
            S3.get(home, operation, &format!("/{}", segment(name)), &[(what, "")])
        };
        let location = ask(&slice.home, "GetBucketLocation", "location");
        let Some(location) = slice.ask(location) else { continue };
        // An empty location is the oldest region.
        let region = location.as_str().filter(|region| !region.is_empty()).unwrap_or("us-east-1");
        let region = if region == "EU" { "eu-west-1" } else { region };
        let home = Home { account: slice.home.account.clone(), region: region.to_owned() };
        let asks = vec![
            ask(&home, "GetBucketPublicAccessBlock", "publicAccessBlock"),
            ask(&home, "GetBucketPolicyStatus", "policyStatus"),
            ask(&home, "GetEncryptionConfiguration", "encryption"),
            ask(&home, "GetBucketTagging", "tagging"),
        ];
        let answers = slice.ask_all(asks);
        let [block, status, encryption, tagging] = answers.as_slice() else { continue };
        let at = |of: &Option<Value>, pointer: &str| {
            of.as_ref().and_then(|of| text(of, pointer)).map(str::to_owned)
        };
        let is = |of: &Option<Value>, pointer: &str| {
            at(of, pointer).is_some_and(|text| text.eq_ignore_ascii_case("true"))
        };
        let blocked = is(block, "/BlockPublicPolicy") && is(block, "/RestrictPublicBuckets");
        let public = is(status, "/IsPublic");
        let rule = "/Rule/ApplyServerSideEncryptionByDefault";
        let tags = tagging.as_ref().map(|tags| Value::Array(entries(tags, "/TagSet/Tag").cloned().collect()));
        let arn = home.bucket(name);
        Thing::new(arn.as_str(), "store", name)
            .property("location", region)
            .property("public-access-blocked", blocked)
            .property("public-policy", public)
            .maybe("encryption", at(encryption, &format!("{rule}/SSEAlgorithm")))
            .maybe("kms-key", at(encryption, &format!("{rule}/KMSMasterKeyID")))
            .tags(tags.as_ref())
            .times(bucket)
            .report(slice);
        if public && !blocked {
            let mut exposure =
                Thing::new(format!("{arn}#public"), "network-exposure", format!("{name} is public"))
                    .property("by", "bucket policy");
            exposure.edge_to("exposes", "arn", arn, &[]);
            exposure.report(slice);
        }
    }
    None
}
