//! What a policy allows, as far as it matters here. Conditions, boundaries and denials are not weighed: this is what is
//! granted at most.

use serde_json::Value;
use std::collections::BTreeSet;

/// Services whose actions are AI.
const AI_SERVICES: &[&str] = &[
    "aoss",
    "bedrock",
    "bedrock-agentcore",
    "bedrock-mantle",
    "codewhisperer",
    "comprehend",
    "comprehendmedical",
    "forecast",
    "frauddetector",
    "kendra",
    "lex",
    "personalize",
    "polly",
    "q",
    "qapps",
    "qbusiness",
    "rekognition",
    "sagemaker",
    "sagemaker-geospatial",
    "sagemaker-mlflow",
    "textract",
    "transcribe",
    "translate",
];

/// Reading any of these everywhere is reading models, training data and keys.
const DATA: &[&str] = &["s3:GetObject", "secretsmanager:GetSecretValue"];

/// Actions that are kept of one role or policy.
const MAX_ACTIONS: usize = 40;

/// What is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Everything on everything.
    pub(crate) is_admin: bool,
    /// Actions of AI services, as the policy writes them.
    pub(crate) ai: BTreeSet<String>,
    /// Of [`DATA`], on every resource.
    pub(crate) data: BTreeSet<String>,
}

impl Rights {
    /// What a document allows.
    pub(crate) fn of(document: &Value) -> Self {
        let mut rights = Self::default();
        for statement in crate::listing::entries(document, "/Statement") {
            if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
                continue;
            }
            let everywhere = texts(statement.get("Resource")).iter().any(|resource| resource == "*");
            for action in texts(statement.get("Action")) {
                rights.action(&action, everywhere);
            }
            let but = texts(statement.get("NotAction"));
            if !but.is_empty() {
                for service in AI_SERVICES {
                    if !but.iter().any(|action| action.eq_ignore_ascii_case(&format!("{service}:*"))) {
                        rights.action(&format!("{service}:*"), everywhere);
                    }
                }
            }
        }
        rights
    }

    fn action(&mut self, action: &str, everywhere: bool) {
        if action == "*" || action == "*:*" {
            self.is_admin |= everywhere;
            self.ai.insert("*".into());
            return;
        }
        let Some((service, _)) = action.split_once(':') else { return };
        let service = service.to_ascii_lowercase();
        if AI_SERVICES.binary_search(&service.as_str()).is_ok() {
            if self.ai.len() < MAX_ACTIONS {
                self.ai.insert(action.to_owned());
            }
        } else if everywhere {
            for data in DATA {
                if fits(action, data) {
                    self.data.insert((*data).to_owned());
                }
            }
        }
    }

    /// These too.
    pub(crate) fn add(&mut self, more: Self) {
        self.is_admin |= more.is_admin;
        self.ai.extend(more.ai);
        self.data.extend(more.data);
    }

    /// A line, for a cursor.
    pub(crate) fn write(&self) -> String {
        let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(",");
        format!("{}|{}|{}", if self.is_admin { "a" } else { "" }, join(&self.ai), join(&self.data))
    }

    /// The inverse.
    pub(crate) fn read(line: &str) -> Self {
        let mut parts = line.split('|');
        let set = |text: Option<&str>| {
            text.unwrap_or_default().split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let is_admin = parts.next() == Some("a");
        Self { is_admin, ai: set(parts.next()), data: set(parts.next()) }
    }
}

/// A policy document: IAM writes it percent-encoded.
pub(crate) fn document(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    serde_json::from_str(text).ok().or_else(|| {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
        serde_json::from_str(&decoded).ok()
    })
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

/// Whether a pattern with `*` and `?` fits an action; case does not matter.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    // The last `*` and where it began to stand for something: going back there is enough.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < action.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == action[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((back, begun)) => {
                    at = back + 1;
                    from = begun + 1;
                    star = Some((back, begun + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(effect: &str, action: Value, resource: &str, expected: &str) {
        let document = json!({"Statement": [{"Effect": effect, "Action": action, "Resource": resource}]});
        let rights = Rights::of(&document);
        assert_eq!(rights.write(), expected, "{document}");
        assert_eq!(Rights::read(&rights.write()), rights);
    }

    #[test]
    fn policies() {
        assert!(AI_SERVICES.is_sorted());
        check("Allow", json!("bedrock:InvokeModel"), "*", "|bedrock:InvokeModel|");
        check("Allow", json!(["sagemaker:*", "s3:GetObject"]), "*", "|sagemaker:*|s3:GetObject");
        check("Allow", json!("s3:Get*"), "arn:aws:s3:::one/*", "||");
        check("Allow", json!("s3:*"), "*", "||s3:GetObject");
        check("Allow", json!("*"), "*", "a|*|");
        check("Allow", json!("*"), "arn:aws:s3:::one", "|*|");
        check("Deny", json!("bedrock:*"), "*", "||");
        check("Allow", json!("logs:*"), "*", "||");
    }

    #[test]
    fn everything_but() {
        let rights = Rights::of(
            &json!({"Statement": {"Effect": "Allow", "NotAction": ["iam:*", "bedrock:*"], "Resource": "*"}}),
        );
        assert!(!rights.is_admin && rights.ai.contains("sagemaker:*") && !rights.ai.contains("bedrock:*"));
    }

    #[test]
    fn patterns() {
        for (pattern, expected) in [
            ("s3:*", true),
            ("s3:getobject", true),
            ("s3:Get?bject", true),
            ("s3:*Object", true),
            ("s3:Put*", false),
            ("*", true),
            ("s3:GetObjectAcl", false),
            ("s3:G*t*t", true),
        ] {
            assert_eq!(fits(pattern, "s3:GetObject"), expected, "{pattern}");
        }
    }

    #[test]
    fn documents() {
        let plain = json!("{\"Statement\":[]}");
        let encoded = json!("%7B%22Statement%22%3A%5B%5D%7D");
        assert_eq!(document(&plain), document(&encoded));
        assert_eq!(document(&json!("no")), None);
    }
}
