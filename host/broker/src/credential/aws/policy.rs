//! The session policy of an assumed role: no more than the manifest's actions, in what a session policy may weigh.
//!
//! When the exact list is too long it is shortened where the result still only reads: first `List*` and `Describe*` of
//! a service, then `Get` with at least one more word (`bedrock:GetKnowledge*`). A session has the rights that both the
//! role and this policy give, so what is shortened never gives what the role does not.

use super::Fault;
use std::collections::BTreeMap;

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
fn merge(mut list: Vec<String>, shorten: fn(&str) -> Option<String>) -> Vec<String> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for action in &list {
        if let Some(wildcard) = shorten(action) {
            *groups.entry(wildcard).or_default() += action.len() + 3;
        }
    }
    let mut groups: Vec<(usize, String)> = groups
        .into_iter()
        .filter_map(|(wildcard, weight)| Some((weight.checked_sub(wildcard.len() + 3)?, wildcard)))
        .filter(|(saved, _)| *saved > 0)
        .collect();
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    for (_, wildcard) in groups {
        if document(&list).len() <= MAX_LENGTH {
            break;
        }
        list.retain(|action| shorten(action).as_ref() != Some(&wildcard));
        list.push(wildcard);
        list.sort();
    }
    list
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
