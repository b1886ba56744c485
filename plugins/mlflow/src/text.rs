//! Names and values that a server made up, made fit to be shown and kept.

use crate::api::{Metric, Tag};
use serde_json::{Map, Value};

/// Bytes of a name.
const NAME: usize = 256;
/// Bytes of one value.
const VALUE: usize = 500;
/// Bytes of all the pairs of one kind that an asset has: a row has an end.
const PAIRS: usize = 3 << 10;
/// Bytes of a description.
const TEXT: usize = 1 << 10;

fn cut(text: &str, max: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    clean[..clean.floor_char_boundary(max)].to_owned()
}

/// A name; something to show where there is none.
pub fn name(text: &str) -> String {
    let name = cut(text, NAME);
    if name.is_empty() { "(without a name)".to_owned() } else { name }
}

/// A text, if there is one.
pub fn text(text: &str) -> Option<String> {
    Some(cut(text, TEXT)).filter(|text| !text.is_empty())
}

/// Key by value as JSON, sorted, as much as fits; and how many did not.
#[derive(Debug, Default, PartialEq)]
pub struct Pairs {
    /// An object, if there is any pair.
    pub kept: Option<Value>,
    /// How many did not fit.
    pub dropped: Option<u64>,
}

fn pairs(all: impl Iterator<Item = (String, Value)>) -> Pairs {
    let mut all: Vec<(String, Value)> = all.collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut kept, mut bytes, mut dropped) = (Map::new(), 0, 0);
    for (key, value) in all {
        let size = key.len() + value.to_string().len();
        if bytes + size > PAIRS {
            dropped += 1;
            continue;
        }
        bytes += size;
        kept.insert(key, value);
    }
    Pairs {
        kept: (!kept.is_empty()).then_some(Value::Object(kept)),
        dropped: (dropped > 0).then_some(dropped),
    }
}

/// Tags, parameters and such.
pub fn of_tags<'a>(tags: impl Iterator<Item = &'a Tag>) -> Pairs {
    pairs(tags.map(|tag| (cut(&tag.key, NAME), Value::from(cut(&tag.value, VALUE)))))
}

/// Metrics.
pub fn of_metrics<'a>(metrics: impl Iterator<Item = &'a Metric>) -> Pairs {
    pairs(metrics.filter(|metric| metric.value.is_number() || metric.value.is_string()).map(|metric| {
        let value = match &metric.value {
            Value::String(text) => Value::from(cut(text, VALUE)),
            value => value.clone(),
        };
        (cut(&metric.key, NAME), value)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name("churn\n"), "churn");
        assert_eq!(name("\u{1}"), "(without a name)");
        assert_eq!(name(&"ä".repeat(200)).len(), NAME);
        assert_eq!(text(" "), None);
    }

    #[test]
    fn pairs_have_an_end() {
        let tag = |n: usize| Tag { key: format!("k{n:04}"), value: "v".repeat(100) };
        let tags: Vec<Tag> = (0..100).map(tag).collect();
        let Pairs { kept, dropped } = of_tags(tags.iter());
        assert_eq!(kept.unwrap().as_object().unwrap().len() as u64 + dropped.unwrap(), 100);
        assert_eq!(of_tags([].iter()), Pairs::default());
    }
}
