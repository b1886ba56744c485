//! What sightings, assets, relations and findings are made of.

use super::DecodeError;
use inventar_model::{Confidence, Evidence, Identifier, Method, Place, Property, Usage, Value, Version};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The value for a stored word, or why there is none.
pub(super) fn word<T>(what: &str, text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, DecodeError> {
    parse(text).ok_or_else(|| DecodeError::new(format_args!("`{text}` is no {what}")))
}

pub(super) fn all<A, B>(
    items: impl IntoIterator<Item = A>,
    convert: impl Fn(A) -> Result<B, DecodeError>,
) -> Result<Vec<B>, DecodeError> {
    items.into_iter().map(convert).collect()
}

/// `["exact", "1.2"]`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct VersionDoc<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

impl<'a> From<&'a Version> for VersionDoc<'a> {
    fn from(version: &'a Version) -> Self {
        Self(version.form().into(), version.text().into())
    }
}

impl TryFrom<VersionDoc<'_>> for Version {
    type Error = DecodeError;
    fn try_from(doc: VersionDoc<'_>) -> Result<Self, DecodeError> {
        word("version form", &doc.0, |form| Version::from_form(form, doc.1.clone().into_owned()))
    }
}

/// `["purl", "pkg:pypi/openai"]`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IdentifierDoc<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

impl<'a> From<&'a Identifier> for IdentifierDoc<'a> {
    fn from(identifier: &'a Identifier) -> Self {
        Self(identifier.scheme().into(), identifier.value().into())
    }
}

impl TryFrom<IdentifierDoc<'_>> for Identifier {
    type Error = DecodeError;
    fn try_from(doc: IdentifierDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new(doc.0, doc.1)?)
    }
}

/// `["dtype", {"text": "bf16"}]`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PropertyDoc<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] ValueDoc<'a>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ValueDoc<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Integer(i64),
    /// As text: a JSON number may come back one bit off.
    Number(String),
    Boolean(bool),
    Texts(Vec<Cow<'a, str>>),
    Json(#[serde(borrow)] Cow<'a, str>),
}

impl<'a> From<&'a Property> for PropertyDoc<'a> {
    fn from(property: &'a Property) -> Self {
        let value = match &property.value {
            Value::Text(text) => ValueDoc::Text(text.into()),
            Value::Integer(number) => ValueDoc::Integer(*number),
            Value::Number(number) => ValueDoc::Number(format!("{number:?}")),
            Value::Boolean(yes) => ValueDoc::Boolean(*yes),
            Value::Texts(texts) => ValueDoc::Texts(texts.iter().map(Into::into).collect()),
            Value::Json(json) => ValueDoc::Json(json.into()),
        };
        Self((&property.name).into(), value)
    }
}

impl TryFrom<PropertyDoc<'_>> for Property {
    type Error = DecodeError;
    fn try_from(PropertyDoc(name, value): PropertyDoc<'_>) -> Result<Self, DecodeError> {
        let value = match value {
            ValueDoc::Text(text) => Value::Text(text.into_owned()),
            ValueDoc::Integer(number) => Value::Integer(number),
            ValueDoc::Number(text) => Value::Number(word("number", &text, |text| text.parse().ok())?),
            ValueDoc::Boolean(yes) => Value::Boolean(yes),
            ValueDoc::Texts(texts) => Value::Texts(texts.into_iter().map(Cow::into_owned).collect()),
            ValueDoc::Json(json) => Value::Json(json.into_owned()),
        };
        Ok(Self { name: name.into_owned(), value })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EvidenceDoc<'a> {
    #[serde(borrow)]
    place: PlaceDoc<'a>,
    #[serde(borrow)]
    rule: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    usage: Cow<'a, str>,
    confidence: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snippet: Option<Cow<'a, str>>,
}

/// A file is `["path", first byte, byte after the last, line]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PlaceDoc<'a> {
    File(#[serde(borrow)] Cow<'a, str>, u64, u64, u32),
    Exchange(u64),
    Object(#[serde(borrow)] Cow<'a, str>),
}

impl<'a> From<&'a Evidence> for EvidenceDoc<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        let place = match &evidence.place {
            Place::File { path, start_byte, end_byte, line } => {
                PlaceDoc::File(path.into(), *start_byte, *end_byte, *line)
            }
            Place::Exchange(number) => PlaceDoc::Exchange(*number),
            Place::Object(path) => PlaceDoc::Object(path.into()),
        };
        Self {
            place,
            rule: (&evidence.rule).into(),
            method: evidence.method.as_str().into(),
            usage: evidence.usage.as_str().into(),
            confidence: evidence.confidence.percent(),
            snippet: evidence.snippet.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<EvidenceDoc<'_>> for Evidence {
    type Error = DecodeError;
    fn try_from(doc: EvidenceDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            place: match doc.place {
                PlaceDoc::File(path, start_byte, end_byte, line) => {
                    Place::File { path: path.into_owned(), start_byte, end_byte, line }
                }
                PlaceDoc::Exchange(number) => Place::Exchange(number),
                PlaceDoc::Object(path) => Place::Object(path.into_owned()),
            },
            rule: doc.rule.into_owned(),
            method: word("method", &doc.method, Method::from_word)?,
            usage: word("usage", &doc.usage, Usage::from_word)?,
            confidence: Confidence::new(doc.confidence),
            snippet: doc.snippet.map(Cow::into_owned),
        })
    }
}
