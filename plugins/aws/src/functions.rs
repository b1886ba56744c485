//! AWS Lambda: the functions that call models, and who can call them.

use crate::arn::Home;
use crate::call::{Api, Ask, Form, segment};
use crate::listing::{Call, Listing, Slice, Verb, entries};
use crate::rights::document;
use crate::signal::{self, Environment};
use crate::thing::{Thing, text};
use inventar_analysis::endpoint;
use inventar_analysis::names::{self, Name};
use serde_json::Value;

const LAMBDA: Api = Api { actions: "lambda", host: "lambda.{region}.amazonaws.com", form: Form::Rest };

pub(crate) const LISTINGS: &[Listing] = &[Listing {
    call: Call {
        api: &LAMBDA,
        operation: "ListFunctions",
        path: Some((Verb::Get, "/2015-03-31/functions/")),
        parameters: &[("MaxItems", "50")],
        token: Some(("Marker", "/NextMarker")),
    },
    items: "/Functions",
    chunk: 12,
    visit: functions,
}];

fn functions(slice: &mut Slice<'_>, items: &[Value], _: Option<String>) -> Option<String> {
    let found: Vec<(&Value, Environment)> = items
        .iter()
        .map(|function| (function, environment(function)))
        .filter(|(function, environment)| {
            environment.speaks() || layers(function).iter().any(|arn| signal::layer(arn))
        })
        .collect();
    let ask = |home: &Home, operation: &str, path: String| -> Ask { LAMBDA.get(home, operation, &path, &[]) };
    let mut asks = vec![];
    for (function, _) in &found {
        let name = segment(text(function, "/FunctionName").unwrap_or_default());
        let arn = segment(text(function, "/FunctionArn").unwrap_or_default());
        asks.push(ask(&slice.home, "GetFunctionUrlConfig", format!("/2021-10-31/functions/{name}/url")));
        asks.push(ask(&slice.home, "GetPolicy", format!("/2015-03-31/functions/{name}/policy")));
        asks.push(ask(&slice.home, "ListTags", format!("/2017-03-31/tags/{arn}")));
    }
    let answers = slice.ask_all(asks);
    for ((function, environment), answers) in found.iter().zip(answers.chunks(3)) {
        let [url, policy, tags] = answers else { continue };
        let (Some(arn), Some(name)) = (text(function, "/FunctionArn"), text(function, "/FunctionName"))
        else {
            continue;
        };
        let mut thing = Thing::new(arn, "workload", name)
            .members(
                function,
                &[
                    ("runtime", "/Runtime"),
                    ("handler", "/Handler"),
                    ("description", "/Description"),
                    ("package", "/PackageType"),
                    ("code-sha256", "/CodeSha256"),
                    ("state", "/State"),
                    ("subnets", "/VpcConfig/SubnetIds"),
                ],
            )
            .times(function)
            .tags(tags.as_ref().and_then(|tags| tags.get("Tags")))
            .runs_as(text(function, "/Role"));
        let layers = layers(function);
        thing = thing.maybe("layers", (!layers.is_empty()).then_some(layers));
        thing = speaks(thing, environment, &slice.home);
        thing.report(slice);
        exposure(slice, arn, name, url.as_ref(), policy.as_ref());
    }
    None
}

/// What an environment says of a workload, as properties and edges.
pub(crate) fn speaks(mut thing: Thing, environment: &Environment, home: &Home) -> Thing {
    for model in &environment.models {
        thing = thing.model("calls", Some(model));
    }
    for endpoint in &environment.sagemaker {
        let arn = home.arn("sagemaker", &format!("endpoint/{}", endpoint.to_ascii_lowercase()));
        thing = thing.edge("calls", Some(&arn));
    }
    for name in &environment.registered {
        thing.edge_to("uses", names::SCHEME, name.as_str(), &[]);
    }
    for object in &environment.objects {
        thing = thing.edge("calls", Some(object));
    }
    for endpoint in &environment.endpoints {
        let region = endpoint::host_of(endpoint).split('.').nth(2).unwrap_or_default();
        match Name::of_url(endpoint) {
            // The host is that of all accounts of a region; the endpoint is one of this account.
            Some(name) => {
                let home = Home { region: region.to_owned(), ..home.clone() };
                let arn = home.arn("sagemaker", &format!("endpoint/{}", name.bare()));
                thing = thing.edge("calls", Some(&arn));
            }
            None => thing.edge_to("calls", "url", endpoint.as_str(), &[]),
        }
    }
    for key in &environment.keys {
        thing.edge_to("reads-secret", "env", key.as_str(), &[]);
    }
    let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    thing
        .maybe("models", list(&environment.models))
        .maybe("endpoints", list(&environment.endpoints))
        .maybe("keys-in-environment", list(&environment.keys))
        .maybe("ai-variables", list(&environment.variables))
}

fn environment(function: &Value) -> Environment {
    let variables = function.pointer("/Environment/Variables").and_then(Value::as_object);
    Environment::of(
        variables.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))),
    )
}

fn layers(function: &Value) -> Vec<String> {
    entries(function, "/Layers").filter_map(|layer| text(layer, "/Arn")).map(str::to_owned).collect()
}

/// A URL of its own, and permissions for everybody.
fn exposure(slice: &mut Slice<'_>, arn: &str, name: &str, url: Option<&Value>, policy: Option<&Value>) {
    if let Some(address) = url.and_then(|url| text(url, "/FunctionUrl")) {
        let sign_in = url.and_then(|url| text(url, "/AuthType")).unwrap_or("unknown");
        let mut thing = Thing::new(format!("{arn}#url"), "network-exposure", format!("URL of {name}"))
            .known_as("url", address.trim_end_matches('/'))
            .property("by", "function URL")
            .property("sign-in", sign_in)
            .property("public", sign_in == "NONE");
        thing.edge_to("exposes", "arn", arn, &[]);
        thing.report(slice);
    }
    let open = policy
        .and_then(|policy| policy.get("Policy"))
        .and_then(document)
        .is_some_and(|policy| entries(&policy, "/Statement").any(is_open));
    if open {
        let mut thing = Thing::new(format!("{arn}#policy"), "network-exposure", format!("policy of {name}"))
            .property("by", "resource policy")
            .property("public", true);
        thing.edge_to("exposes", "arn", arn, &[]);
        thing.report(slice);
    }
}

/// Anybody may call, without a condition.
fn is_open(statement: &Value) -> bool {
    let anyone = ["/Principal", "/Principal/AWS"].iter().any(|at| text(statement, at) == Some("*"));
    anyone
        && text(statement, "/Effect") == Some("Allow")
        && statement.get("Condition").is_none_or(Value::is_null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn open_statements() {
        for (statement, expected) in [
            (json!({"Effect": "Allow", "Principal": "*"}), true),
            (json!({"Effect": "Allow", "Principal": {"AWS": "*"}}), true),
            (json!({"Effect": "Allow", "Principal": {"AWS": "123456789012"}}), false),
            (json!({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {}}}), false),
            (json!({"Effect": "Deny", "Principal": "*"}), false),
        ] {
            assert_eq!(is_open(&statement), expected, "{statement}");
        }
    }
}
