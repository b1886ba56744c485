//! From an object of AWS to an asset with its edges.

use crate::arn::{Arn, resource_type};
use crate::listing::Slice;
use crate::moment::moment;
use crate::signal;
use inventar_analysis::names::{self, Name};
use inventar_plugin_sdk::collector::said_of;
use inventar_plugin_sdk::{Asset, AssetRef, Evidence, IntoValue, Relation, Usage, Value as Property};
use serde_json::Value;

/// Bytes of a property that are kept.
const MAX_PROPERTY: usize = 4 << 10;

/// Addresses that are longer are not followed: an identifier has room for 1,024 bytes.
const MAX_ADDRESS: usize = 1_000;

/// Tags of one object that are kept.
const MAX_TAGS: usize = 50;

/// An asset in the making. Its key is its ARN, so that it is the same in every run.
#[derive(Debug)]
pub(crate) struct Thing {
    arn: String,
    rule: String,
    asset: Asset,
    relations: Vec<Relation>,
    named: Vec<Named>,
}

/// Something that an object names and that is an asset of its own.
#[derive(Debug)]
struct Named {
    key: String,
    kind: &'static str,
    name: String,
    identifiers: Vec<(&'static str, String)>,
    properties: Vec<(&'static str, String)>,
    stored_in: Option<String>,
}

impl Thing {
    pub(crate) fn new(arn: impl Into<String>, kind: &str, name: impl Into<String>) -> Self {
        let arn = arn.into();
        let kind_there = resource_type(&arn).unwrap_or_default();
        let rule = rule_of(&kind_there);
        let parsed = Arn::parse(&arn);
        let part = |part: fn(&Arn<'_>) -> String| parsed.as_ref().map(part).filter(|text| !text.is_empty());
        // What AWS gives no name of its own goes by that of what it belongs to and a fragment.
        let scheme = if arn.contains('#') { "x-aws" } else { "arn" };
        let asset = Asset::new(arn.as_str(), kind, name)
            .identifier(scheme, arn.as_str())
            .property("resource-type", kind_there.as_str())
            .maybe("account", part(|arn| arn.account.to_owned()))
            .maybe("region", part(|arn| arn.region.to_owned()));
        Self { rule, asset, relations: vec![], named: vec![], arn }
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    fn evidence(&self) -> Evidence {
        said_of(self.arn.as_str(), &self.rule)
    }

    /// A property with a value known here.
    pub(crate) fn property(mut self, name: &str, value: impl IntoValue) -> Self {
        self.asset = self.asset.property(name, value);
        self
    }

    pub(crate) fn maybe(mut self, name: &str, value: Option<impl IntoValue>) -> Self {
        self.asset = self.asset.maybe(name, value);
        self
    }

    /// A property for each member that the object has: text, number, boolean or a list of texts.
    pub(crate) fn members(mut self, of: &Value, members: &[(&str, &str)]) -> Self {
        for (name, pointer) in members {
            self.asset = match of.pointer(pointer) {
                Some(Value::String(text)) if !text.is_empty() => self.asset.property(name, text.as_str()),
                Some(Value::Bool(yes)) => self.asset.property(name, *yes),
                Some(Value::Number(number)) => match number.as_i64() {
                    Some(whole) => self.asset.property(name, whole),
                    None => self.asset.maybe(name, number.as_f64()),
                },
                Some(Value::Array(values)) if !values.is_empty() => {
                    let texts: Vec<String> =
                        values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                    if texts.len() == values.len() { self.asset.property(name, texts) } else { self.asset }
                }
                _ => self.asset,
            };
        }
        self
    }

    /// When it was made and changed, in seconds since 1970 or as the service writes it.
    pub(crate) fn times(self, of: &Value) -> Self {
        let pick = |names: &[&str]| names.iter().find_map(|name| of.get(name)).and_then(moment);
        let made =
            pick(&["CreationTime", "creationTime", "createdAt", "CreatedAt", "CreateDate", "createdDate"]);
        let changed =
            pick(&["LastModifiedTime", "lastModifiedTime", "updatedAt", "lastUpdatedAt", "LastModified"]);
        self.maybe("created", made).maybe("modified", changed)
    }

    /// `team=fraud` for each tag, in the three shapes that services have.
    pub(crate) fn tags(self, tags: Option<&Value>) -> Self {
        let mut texts: Vec<String> = match tags {
            Some(Value::Array(tags)) => tags
                .iter()
                .filter_map(|tag| {
                    let text = |names: [&str; 2]| names.iter().find_map(|name| tag.get(*name))?.as_str();
                    Some(format!(
                        "{}={}",
                        text(["Key", "key"])?,
                        text(["Value", "value"]).unwrap_or_default()
                    ))
                })
                .collect(),
            Some(Value::Object(tags)) => tags
                .iter()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect(),
            _ => vec![],
        };
        texts.sort();
        texts.truncate(MAX_TAGS);
        if texts.is_empty() { self } else { self.property("tags", texts) }
    }

    /// Another identity.
    pub(crate) fn known_as(mut self, scheme: &str, value: impl Into<String>) -> Self {
        self.asset = self.asset.identifier(scheme, value);
        self
    }

    /// What those who use it call it.
    pub(crate) fn called(self, name: &Name) -> Self {
        self.known_as(names::SCHEME, name.to_string())
    }

    /// How strongly it stands here.
    pub(crate) fn mentioned(mut self) -> Self {
        let mut evidence = self.evidence();
        evidence.usage = Usage::Mentioned;
        self.asset = self.asset.seen(evidence);
        self
    }

    /// An edge to whatever has that identifier.
    pub(crate) fn edge_to(
        &mut self,
        kind: &str,
        scheme: &str,
        value: impl Into<String>,
        properties: &[(&str, Prop)],
    ) {
        let mut relation =
            Relation::new(AssetRef::here(self.arn.as_str()), kind, AssetRef::known_as(scheme, value.into()))
                .seen(self.evidence());
        for (name, value) in properties {
            relation = match value {
                Prop::Text(text) => relation.property(name, text.as_str()),
                Prop::Number(number) => relation.property(name, *number),
            };
        }
        self.relations.push(relation);
    }

    /// An edge to an object of AWS.
    pub(crate) fn edge(mut self, kind: &str, arn: Option<&str>) -> Self {
        if let Some(arn) = arn.filter(|arn| Arn::parse(arn).is_some()) {
            self.edge_to(kind, "arn", arn, &[]);
        }
        self
    }

    /// The role it acts as, an asset even where the roles of the account cannot be read.
    pub(crate) fn runs_as(mut self, role: Option<&str>) -> Self {
        let Some(role) = role else { return self };
        let Some(parsed) = Arn::parse(role).filter(|arn| arn.service == "iam") else { return self };
        let name = parsed.name().rsplit('/').next().unwrap_or_default();
        self.named.push(Named {
            key: role.to_owned(),
            kind: "identity",
            name: name.to_owned(),
            identifiers: vec![("arn", role.to_owned())],
            properties: vec![("resource-type", "iam:role".into()), ("account", parsed.account.into())],
            stored_in: None,
        });
        self.edge_to("runs-as", "arn", role, &[]);
        self
    }

    /// Data in S3 that it reads or writes: an edge to the bucket, which becomes an asset.
    pub(crate) fn bucket(mut self, url: Option<&str>, access: &str) -> Self {
        let Some((bucket, key)) = url.and_then(s3) else { return self };
        let arn = bucket_arn(&self.arn, bucket);
        self.named.push(bucket_named(&arn, bucket));
        let mut properties = vec![("access", Prop::Text(access.to_owned()))];
        if !key.is_empty() {
            properties.push(("prefix", Prop::Text(key.to_owned())));
        }
        self.edge_to("uses", "arn", arn, &properties);
        self
    }

    /// Data that it was trained on: a dataset by its address, in a bucket.
    pub(crate) fn trained_on(mut self, url: Option<&str>, channel: Option<&str>) -> Self {
        let Some((bucket, _)) = url.and_then(s3) else { return self };
        let address = url.unwrap_or_default().trim_end_matches('/').to_owned();
        self.named.push(Named {
            key: address.clone(),
            kind: "dataset",
            name: address.clone(),
            identifiers: vec![("url", address.clone())],
            properties: vec![],
            stored_in: Some(bucket_arn(&self.arn, bucket)),
        });
        let properties: Vec<(&str, Prop)> =
            channel.map(|channel| ("channel", Prop::Text(channel.to_owned()))).into_iter().collect();
        self.edge_to("trained-on", "url", address, &properties);
        self.bucket(url, "read")
    }

    /// Weights: a model file by its address, in a bucket.
    pub(crate) fn artifact(mut self, url: Option<&str>) -> Self {
        let Some((bucket, _)) = url.and_then(s3) else { return self };
        let address = url.unwrap_or_default().trim_end_matches('/').to_owned();
        let arn = bucket_arn(&self.arn, bucket);
        self.named.push(bucket_named(&arn, bucket));
        self.named.push(Named {
            key: address.clone(),
            kind: "model-artifact",
            name: address.rsplit('/').next().unwrap_or_default().to_owned(),
            identifiers: vec![("url", address.clone())],
            properties: vec![("location", address.clone())],
            stored_in: Some(arn),
        });
        self.edge_to("has-artifact", "url", address, &[]);
        self
    }

    /// The image that it runs; one of the account's registries is an asset with its repository.
    pub(crate) fn image(mut self, reference: Option<&str>) -> Self {
        let Some(reference) = reference.filter(|reference| !reference.is_empty() && reference.len() <= 512)
        else {
            return self;
        };
        let repository = inventar_catalogue::repository(reference).to_owned();
        let stored_in = ecr_repository(&repository);
        if let Some(arn) = &stored_in {
            self.named.push(Named {
                key: arn.clone(),
                kind: "repository",
                name: Arn::parse(arn).map(|arn| arn.name().to_owned()).unwrap_or_default(),
                identifiers: vec![("arn", arn.clone())],
                properties: vec![("resource-type", "ecr:repository".into())],
                stored_in: None,
            });
        }
        self.named.push(Named {
            key: format!("image/{repository}"),
            kind: "image",
            name: repository.clone(),
            identifiers: vec![("oci", repository.clone())],
            properties: vec![],
            stored_in,
        });
        let tag =
            reference.strip_prefix(repository.as_str()).unwrap_or_default().trim_start_matches([':', '@']);
        let properties: Vec<(&str, Prop)> = match tag {
            "" => vec![],
            tag => vec![("tag", Prop::Text(tag.to_owned()))],
        };
        self.edge_to("uses", "oci", repository, &properties);
        self
    }

    /// A model that it names: by its id in a provider's list, by its ARN, by its name on a hub.
    pub(crate) fn model(mut self, kind: &str, named: Option<&str>) -> Self {
        let Some(named) = named.filter(|named| !named.is_empty() && named.len() <= 300) else { return self };
        let id = match Arn::parse(named) {
            Some(arn)
                if matches!(arn.kind(), "foundation-model" | "inference-profile")
                    && !arn.name().is_empty() =>
            {
                arn.name()
            }
            Some(_) => return self.edge(kind, Some(named)),
            None => named,
        };
        let id = id.trim_start_matches("/");
        let (scheme, identity, provider, model_kind) = match inventar_catalogue::model_at_model_place(id) {
            Some(model) => match model.hub.clone() {
                Some(hub) => ("hf", hub, Some(model.provider), Some(model.kind)),
                None => ("model", model.identity(), Some(model.provider), Some(model.kind)),
            },
            None if signal::is_hub_name(id) => ("hf", id.to_owned(), None, None),
            // Bedrock writes `provider.model`.
            None => match id.split_once('.') {
                Some((provider, rest)) if signal::is_word(provider) && !rest.is_empty() => {
                    ("model", format!("{provider}/{rest}").to_ascii_lowercase(), None, None)
                }
                _ => return self,
            },
        };
        let mut properties = vec![];
        properties.extend(provider.map(|provider| ("provider", provider.to_owned())));
        properties.extend(model_kind.map(|kind| ("model-kind", kind.to_owned())));
        self.named.push(Named {
            key: format!("{}#{scheme}:{identity}", self.arn),
            kind: "model-reference",
            name: id.to_owned(),
            identifiers: vec![(scheme, identity.clone())],
            properties,
            stored_in: None,
        });
        self.edge_to(kind, scheme, identity, &[]);
        self
    }

    /// A secret that it reads, by name: the value is never asked for.
    pub(crate) fn secret(mut self, named: Option<&str>, variable: Option<&str>) -> Self {
        let Some(arn) = named.filter(|named| Arn::parse(named).is_some()) else { return self };
        // `arn:…:secret:NAME-AbCdEf:json-key::`
        let bare: String = arn.splitn(8, ':').take(7).collect::<Vec<_>>().join(":");
        let name = Arn::parse(&bare).map(|arn| arn.name().to_owned()).unwrap_or_default();
        self.named.push(Named {
            key: bare.clone(),
            kind: "secret-reference",
            name,
            identifiers: vec![("arn", bare.clone())],
            properties: variable.map(|variable| ("variable", variable.to_owned())).into_iter().collect(),
            stored_in: None,
        });
        self.edge_to("reads-secret", "arn", bare, &[]);
        self
    }

    /// Reports it, its edges and what it names.
    pub(crate) fn report(self, slice: &mut Slice<'_>) {
        let evidence = self.evidence();
        let mut asset = self.asset;
        for property in &mut asset.properties {
            shorten(&mut property.value);
        }
        if asset.evidence.is_empty() {
            asset = asset.seen(evidence.clone());
        }
        for named in self.named {
            if let Some(arn) = &named.stored_in {
                let relation = Relation::new(
                    AssetRef::here(named.key.as_str()),
                    "stored-in",
                    AssetRef::known_as("arn", arn.as_str()),
                );
                if slice.named.insert(format!("{} stored-in", named.key)) {
                    slice.sink.relation(relation.seen(evidence.clone()));
                }
            }
            if !slice.named.insert(named.key.clone()) {
                continue;
            }
            let mut asset = Asset::new(named.key, named.kind, named.name);
            for (scheme, value) in named.identifiers {
                asset = asset.identifier(scheme, value);
            }
            for (name, value) in named.properties {
                asset = asset.property(name, value);
            }
            slice.sink.asset(asset.seen(evidence.clone()));
        }
        slice.named.insert(self.arn);
        slice.sink.asset(asset);
        for relation in self.relations {
            slice.sink.relation(relation);
        }
    }
}

/// An edge from an asset that is reported apart, in the same scope.
pub(crate) fn relate(slice: &mut Slice<'_>, from: &str, kind: &str, to: &str) {
    let rule = rule_of(&resource_type(from).unwrap_or_default());
    let relation = Relation::new(AssetRef::here(from), kind, AssetRef::known_as("arn", to));
    slice.sink.relation(relation.seen(said_of(from, &rule)));
}

/// A property of an edge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Prop {
    Text(String),
    Number(f64),
}

/// `sagemaker-training-job`: kebab-case.
fn rule_of(resource_type: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = resource_type.chars().map(plain).collect();
    let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "aws-object".into() } else { words.join("-") }
}

/// Keeps a property small: what is shown of an object is not the object.
fn shorten(value: &mut Property) {
    match value {
        Property::Text(text) if text.len() > MAX_PROPERTY => {
            text.truncate(text.floor_char_boundary(MAX_PROPERTY))
        }
        Property::Texts(texts) => {
            let mut room = MAX_PROPERTY;
            texts.retain(|text| {
                let fits = text.len() <= room;
                room = room.saturating_sub(text.len());
                fits
            });
        }
        Property::Json(text) if text.len() > MAX_PROPERTY => {
            *value = Property::Text("too long to be kept".into())
        }
        _ => {}
    }
}

/// A member as text.
pub(crate) fn text<'a>(of: &'a Value, pointer: &str) -> Option<&'a str> {
    of.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Bucket and key of `s3://bucket/key`.
pub(crate) fn s3(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("s3://").or_else(|| url.strip_prefix("s3a://"))?;
    if url.len() > MAX_ADDRESS || url.chars().any(char::is_control) {
        return None;
    }
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let good = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b));
    good.then_some((bucket, key))
}

fn bucket_arn(of: &str, bucket: &str) -> String {
    let partition = of.split(':').nth(1).unwrap_or("aws");
    format!("arn:{partition}:s3:::{bucket}")
}

fn bucket_named(arn: &str, bucket: &str) -> Named {
    Named {
        key: arn.to_owned(),
        kind: "store",
        name: bucket.to_owned(),
        identifiers: vec![("arn", arn.to_owned())],
        properties: vec![("resource-type", "s3:bucket".into())],
        stored_in: None,
    }
}

/// The repository of `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`.
fn ecr_repository(repository: &str) -> Option<String> {
    let (registry, name) = repository.split_once('/')?;
    let mut labels = registry.split('.');
    let (account, dkr, ecr, region) = (labels.next()?, labels.next()?, labels.next()?, labels.next()?);
    let is_ours = dkr == "dkr" && ecr == "ecr" && account.len() == 12 && !name.is_empty();
    let partition = if region.starts_with("cn-") { "aws-cn" } else { "aws" };
    is_ours.then(|| format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_data() {
        assert_eq!(s3("s3://bucket/a/b"), Some(("bucket", "a/b")));
        assert_eq!(s3("s3://bucket"), Some(("bucket", "")));
        assert_eq!(s3("https://x/y"), None);
        assert_eq!(s3("s3://B/x"), None);
    }

    #[test]
    fn repositories() {
        assert_eq!(
            ecr_repository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml/vllm").as_deref(),
            Some("arn:aws:ecr:eu-west-1:123456789012:repository/ml/vllm")
        );
        assert_eq!(ecr_repository("nginx"), None);
        assert_eq!(ecr_repository("ghcr.io/x/y"), None);
    }

    #[test]
    fn rules() {
        assert_eq!(rule_of("sagemaker:training-job"), "sagemaker-training-job");
        assert_eq!(rule_of("bedrock:AsyncInvoke_x"), "bedrock-asyncinvoke-x");
        assert_eq!(rule_of(""), "aws-object");
    }
}
