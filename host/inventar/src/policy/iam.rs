//! IAM policy documents.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What IAM takes, in characters without white space, smallest first.
pub(crate) const LIMITS: &[(&str, usize)] = &[
    ("an inline policy of a user", 2_048),
    ("a managed policy", 6_144),
    ("an inline policy of a role", 10_240),
];

/// A document that allows exactly these actions: a statement per service, everything sorted.
///
/// The resource is `*` because listing has no other: what is to be found cannot be named beforehand.
pub(crate) fn policy<'a>(actions: impl IntoIterator<Item = &'a str>) -> Value {
    let statements: Vec<Value> =
        by_service(actions).into_iter().map(|(service, actions)| statement(service, &actions)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The same in documents of at most `limit` characters each, if a single service fits at all.
pub(crate) fn parts<'a>(actions: impl IntoIterator<Item = &'a str>, limit: usize) -> Vec<Value> {
    let document = |statements: &[Value]| json!({ "Version": "2012-10-17", "Statement": statements });
    let mut parts: Vec<Vec<Value>> = vec![];
    for (service, actions) in by_service(actions) {
        let statement = statement(service, &actions);
        match parts.last_mut() {
            Some(part)
                if size(&document(&[part.as_slice(), std::slice::from_ref(&statement)].concat()))
                    <= limit =>
            {
                part.push(statement);
            }
            _ => parts.push(vec![statement]),
        }
    }
    parts.iter().map(|part| document(part)).collect()
}

/// How many characters IAM counts: white space is free.
pub(crate) fn size(policy: &Value) -> usize {
    policy.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

fn statement(service: &str, actions: &BTreeSet<&str>) -> Value {
    json!({ "Sid": sid(service), "Effect": "Allow", "Action": actions, "Resource": "*" })
}

fn by_service<'a>(actions: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for action in actions {
        // What is no IAM action (a plugin may need a right that IAM does not know) is not for this document.
        if let Some((service, name)) = action.split_once(':')
            && !service.is_empty()
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric())
        {
            services.entry(service).or_default().insert(action);
        }
    }
    services
}

/// `InventarReadsBedrockAgent`: letters and digits only.
fn sid(service: &str) -> String {
    let mut sid = "InventarReads".to_owned();
    for word in service.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        sid.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        sid.extend(letters);
    }
    sid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_per_service_and_nothing_else() {
        let policy = policy([
            "sagemaker:ListModels",
            "bedrock:ListAgents",
            "sagemaker:DescribeModel",
            "no action",
            "x:",
        ]);
        assert_eq!(
            policy,
            json!({ "Version": "2012-10-17", "Statement": [
                { "Sid": "InventarReadsBedrock", "Effect": "Allow", "Action": ["bedrock:ListAgents"], "Resource": "*" },
                { "Sid": "InventarReadsSagemaker", "Effect": "Allow",
                  "Action": ["sagemaker:DescribeModel", "sagemaker:ListModels"], "Resource": "*" },
            ]})
        );
        assert_eq!(sid("bedrock-agent"), "InventarReadsBedrockAgent");
    }

    #[test]
    fn parts_together_are_the_whole() {
        let actions: Vec<String> =
            (0..40).flat_map(|s| (0..20).map(move |n| format!("service{s:02}:ListThing{n:02}"))).collect();
        let all = || actions.iter().map(String::as_str);
        let parts = parts(all(), 6_144);
        assert!(parts.len() > 1 && parts.iter().all(|part| size(part) <= 6_144), "{}", parts.len());
        let statements: Vec<Value> =
            parts.iter().flat_map(|part| part["Statement"].as_array().cloned().unwrap_or_default()).collect();
        assert_eq!(Value::Array(statements), policy(all())["Statement"]);
        assert_eq!(parts_of(all(), usize::MAX), 1);
    }

    fn parts_of<'a>(actions: impl IntoIterator<Item = &'a str>, limit: usize) -> usize {
        parts(actions, limit).len()
    }
}
