//! The session policy of an assumed role: no more than the manifest's actions, in what a session policy may weigh.
//!
//! When the exact list is too long it is shortened where the result still only reads: first `List*` and `Describe*` of
//! a service, then `Get` with at least one more word (`bedrock:GetKnowledge*`). A session has the rights that both the
//! role and this policy give, so what is shortened never gives what the role does not.

use super::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a session policy.
const MAX_LENGTH: usize = 2048;

/// Verbs that may stand alone before a wildcard: they name things and do not hand out what is in them.
const NAMING: &[&str] = &["List", "Describe"];

/// The policy as JSON. Words that are no actions of AWS are left out; without any the session may do nothing.
pub(super) fn session(actions: &[String]) -> Result<String, Fault> {
    let mut exact: Vec<String> = actions.iter().filter(|action| is_action(action)).cloned().collect();
    exact.sort();
    exact.dedup();
    let mut list = exact;
    for shorten in [naming as fn(&str) -> Option<String>, two_words] {
        if document(&list).len() > MAX_LENGTH {
            list = merge(list, shorten);
        }
    }
    let policy = document(&list);
    if policy.len() <= MAX_LENGTH {
        return Ok(policy);
    }
    Err(Fault::unsupported(
        format!("the plugin's {} actions do not fit a session policy", actions.len()),
        "give the role itself the printed policy, and use it through a profile",
    ))
}

fn document(actions: &[String]) -> String {
    let (effect, actions) =
        if actions.is_empty() { ("Deny", "\"*\"".into()) } else { ("Allow", quoted(actions)) };
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":[{actions}],"Resource":"*"}}]}}"#
    )
}

fn quoted(actions: &[String]) -> String {
    actions.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(",")
}

/// Puts one wildcard in the place of actions that share it, the greatest savings first, until the policy fits.
fn merge(list: Vec<String>, shorten: fn(&str) -> Option<String>) -> Vec<String> {
    let mut excess = document(&list).len().saturating_sub(MAX_LENGTH);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut merged = BTreeSet::new();
    for action in list {
        match shorten(&action) {
            Some(wildcard) => groups.entry(wildcard).or_default().push(action),
            None => drop(merged.insert(action)),
        }
    }
    // Each action weighs two quotes and a comma beside itself.
    let saving = |wildcard: &String, actions: &[String]| {
        let weight: usize = actions.iter().map(|action| action.len() + 3).sum();
        weight.saturating_sub(wildcard.len() + 3)
    };
    let mut groups: Vec<(usize, String, Vec<String>)> = groups
        .into_iter()
        .map(|(wildcard, actions)| (saving(&wildcard, &actions), wildcard, actions))
        .collect();
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    for (saved, wildcard, actions) in groups {
        if excess == 0 || saved == 0 {
            merged.extend(actions);
        } else {
            excess = excess.saturating_sub(saved);
            merged.insert(wildcard);
        }
    }
    merged.into_iter().collect()
}

/// `sagemaker:ListModels` → `sagemaker:List*`.
fn naming(action: &str) -> Option<String> {
    let (service, name) = action.split_once(':')?;
    let verb = NAMING.iter().find(|verb| name.strip_prefix(**verb).is_some_and(begins_word))?;
    Some(format!("{service}:{verb}*"))
}

/// `bedrock:GetKnowledgeBase` → `bedrock:GetKnowledge*`; for verbs that read, and never the verb alone.
fn two_words(action: &str) -> Option<String> {
    let (service, name) = action.split_once(':')?;
    let rest = name.strip_prefix("Get").filter(|rest| begins_word(rest))?;
    let word =
        rest.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(rest.len(), |(at, _)| at);
    // A word of one letter would match too much.
    (word >= 3).then(|| format!("{service}:Get{}*", rest.get(..word).unwrap_or(rest)))
}

fn begins_word(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `service:Name`, without a wildcard of its own.
fn is_action(action: &str) -> bool {
    action.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty()
            && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn actions_of(policy: &str) -> Vec<String> {
        let root: serde_json::Value = serde_json::from_str(policy).unwrap();
        let list = root.pointer("/Statement/0/Action").unwrap().as_array().unwrap();
        list.iter().map(|action| action.as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn check(actions: &[&str], expected: &[&str]) {
        let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        assert_eq!(actions_of(&session(&actions).unwrap()), expected);
    }

    #[test]
    fn exact_when_it_fits() {
        check(&["s3:ListBuckets", "iam:GetRole", "s3:ListBuckets"], &["iam:GetRole", "s3:ListBuckets"]);
        check(&["list core/pods", "s3:*", "s3:Get*", "*"], &["*"]);
        assert!(session(&[]).unwrap().contains(r#""Effect":"Deny","Action":["*"]"#));
    }

    #[track_caller]
    fn wildcard(action: &str, expected: Option<&str>) {
        assert_eq!(naming(action).or_else(|| two_words(action)).as_deref(), expected, "{action}");
    }

    #[test]
    fn wildcards_still_read() {
        wildcard("sagemaker:ListModels", Some("sagemaker:List*"));
        wildcard("sagemaker:DescribeModel", Some("sagemaker:Describe*"));
        wildcard("bedrock:GetKnowledgeBase", Some("bedrock:GetKnowledge*"));
        wildcard("bedrock:GetFlow", Some("bedrock:GetFlow*"));
        wildcard("s3:GetAB", None);
        wildcard("x:Get", None);
        wildcard("x:Listen", None);
        wildcard("x:Getaway", None);
        wildcard("x:BatchGetThing", None);
        wildcard("x:SearchThing", None);
    }

    /// What IAM means by a pattern.
    fn covers(pattern: &str, action: &str) -> bool {
        pattern.strip_suffix('*').map_or(pattern == action, |start| action.starts_with(start))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn fits_covers_and_reads(numbers in prop::collection::vec((0usize..4, 0usize..5, 0usize..9, 0usize..2000), 0..400)) {
            const SERVICES: [&str; 4] = ["s3", "bedrock", "sagemaker", "iam"];
            const VERBS: [&str; 5] = ["List", "Describe", "Get", "BatchGet", "Search"];
            const NOUNS: [&str; 9] = ["Model", "Agent", "Ab", "X", "Knowledge", "Endpoint", "Job", "Flow", "Guardrail"];
            let actions: Vec<String> = numbers
                .iter()
                .map(|(service, verb, noun, n)| format!("{}:{}{}Part{n}", SERVICES[*service], VERBS[*verb], NOUNS[*noun]))
                .collect();
            let Ok(policy) = session(&actions) else {
                // Verbs without a wildcard may be too many.
                let fixed = actions.iter().filter(|action| naming(action).is_none()).count();
                prop_assert!(fixed > 30);
                return Ok(());
            };
            prop_assert!(policy.len() <= MAX_LENGTH);
            let list = actions_of(&policy);
            for action in &actions {
                prop_assert!(list.iter().any(|pattern| covers(pattern, action)), "{action}");
            }
            for pattern in list.iter().filter(|pattern| pattern.contains('*') && *pattern != "*") {
                let name = pattern.split_once(':').unwrap().1;
                prop_assert!(matches!(name, "List*" | "Describe*") || name.starts_with("Get") && name.len() >= 6, "{name}");
            }
        }
    }
}
