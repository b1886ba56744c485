//! Notebooks as JSON: which cells hold code, in which language.
//!
//! Format 4 has `cells` with a `source`; format 3 has them in `worksheets`, with an `input`. Everything else (outputs,
//! attachments, state of widgets) is stepped over without being kept. What comes before an error is there.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What was read of a notebook.
#[derive(Debug, Default)]
pub(crate) struct Notebook<'t> {
    /// The language of its kernel, in lower case; empty when nothing says.
    pub(crate) language: String,
    /// Cells with code, in order.
    pub(crate) cells: Vec<Code<'t>>,
    /// Why there is no more.
    pub(crate) broken: Option<String>,
}

/// A cell with code.
#[derive(Debug)]
pub(crate) struct Code<'t> {
    /// A JSON string, or a list of them.
    pub(crate) source: &'t str,
    /// Its own language, where it says one.
    pub(crate) language: Option<String>,
}

/// A notebook of more cells is read up to there.
const MAX_CELLS: usize = 20_000;

/// Reads a notebook.
pub(crate) fn read(text: &str) -> Notebook<'_> {
    let mut notebook = Notebook::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Top(&mut notebook).deserialize(&mut json);
    notebook.broken = read.err().map(|error| error.to_string());
    notebook
}

#[derive(Deserialize)]
struct Cell<'t> {
    #[serde(borrow, default)]
    cell_type: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    source: Option<&'t RawValue>,
    #[serde(borrow, default)]
    input: Option<&'t RawValue>,
    #[serde(borrow, default)]
    language: Option<&'t RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'t> {
    #[serde(borrow, default)]
    kernelspec: Option<&'t RawValue>,
    #[serde(borrow, default)]
    language_info: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Named<'t> {
    #[serde(borrow, default)]
    language: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'t, str>>,
}

#[derive(Deserialize)]
struct CellMetadata<'t> {
    #[serde(borrow, default)]
    vscode: Option<Vscode<'t>>,
}

#[derive(Deserialize)]
struct Vscode<'t> {
    #[serde(borrow, default, rename = "languageId")]
    language: Option<Cow<'t, str>>,
}

/// The language that the notebook's metadata names.
fn kernel(metadata: &RawValue) -> Option<String> {
    let metadata: Metadata<'_> = serde_json::from_str(metadata.get()).ok()?;
    let named = |raw: Option<&RawValue>| -> Option<(Option<String>, Option<String>)> {
        let named: Named<'_> = serde_json::from_str(raw?.get()).ok()?;
        Some((named.language.map(Cow::into_owned), named.name.map(Cow::into_owned)))
    };
    let (language, kernel) = named(metadata.kernelspec).unwrap_or_default();
    let (_, info) = named(metadata.language_info).unwrap_or_default();
    let language = language.or(info).or(kernel)?.to_ascii_lowercase();
    // A kernel's name when nothing else is said: `python3`, `ir`, `julia-1.9`.
    Some(match language.as_str() {
        "ir" => "r".to_owned(),
        name if name.starts_with("python") || name.starts_with("ipython") || name.contains("pyspark") => {
            "python".to_owned()
        }
        name if name.starts_with("julia") => "julia".to_owned(),
        name if name.starts_with(".net-csharp") || name == "csharp" => "c#".to_owned(),
        name => name.to_owned(),
    })
}

impl<'t> Cell<'t> {
    fn code(self) -> Option<Code<'t>> {
        if self.cell_type.as_deref() != Some("code") {
            return None;
        }
        let source = self.source.or(self.input)?.get();
        let said = self.language.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        let language = said.or_else(|| {
            let metadata: CellMetadata<'_> = serde_json::from_str(self.metadata?.get()).ok()?;
            metadata.vscode?.language.map(Cow::into_owned)
        });
        Some(Code { source, language: language.map(|language| language.to_ascii_lowercase()) })
    }
}

struct Top<'a, 't>(&'a mut Notebook<'t>);

impl<'t> DeserializeSeed<'t> for Top<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for Top<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notebook")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'t, str>>()? {
            match &*key {
                "cells" => map.next_value_seed(Cells(self.0))?,
                "worksheets" => map.next_value_seed(Sheets(self.0))?,
                "metadata" => {
                    let metadata: &RawValue = map.next_value()?;
                    self.0.language = kernel(metadata).unwrap_or_default();
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Sheets<'a, 't>(&'a mut Notebook<'t>);

impl<'t> DeserializeSeed<'t> for Sheets<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Sheets<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("worksheets")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sheets: A) -> Result<(), A::Error> {
        while sheets.next_element_seed(Top(self.0))?.is_some() {}
        Ok(())
    }
}

struct Cells<'a, 't>(&'a mut Notebook<'t>);

impl<'t> DeserializeSeed<'t> for Cells<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Cells<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cells")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut cells: A) -> Result<(), A::Error> {
        while let Some(cell) = cells.next_element::<Cell<'t>>()? {
            if let Some(code) = cell.code()
                && self.0.cells.len() < MAX_CELLS
            {
                self.0.cells.push(code);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, language: &str, cells: &[(&str, Option<&str>)]) -> Option<String> {
        let notebook = read(text);
        let seen: Vec<_> =
            notebook.cells.iter().map(|cell| (cell.source, cell.language.as_deref())).collect();
        assert_eq!((notebook.language.as_str(), seen.as_slice()), (language, cells), "{text}");
        notebook.broken
    }

    #[test]
    fn formats() {
        let four = r#"{"cells":[{"cell_type":"markdown","source":"x"},{"cell_type":"code","outputs":[{"data":{"a":[1]}}],"source":["a"]}],
            "metadata":{"kernelspec":{"name":"python3","language":"python"},"widgets":{"x":{}}},"nbformat":4}"#;
        assert_eq!(check(four, "python", &[("[\"a\"]", None)]), None);
        let three = r#"{"metadata":{"name":""},"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","input":"a","language":"python"},
            {"cell_type":"heading","source":"b","level":1}]}]}"#;
        assert_eq!(check(three, "", &[("\"a\"", Some("python"))]), None);
        let polyglot = r#"{"cells":[{"cell_type":"code","source":"a","metadata":{"vscode":{"languageId":"csharp"}}}],"metadata":{"kernelspec":{"name":".net-csharp"}}}"#;
        assert_eq!(check(polyglot, "c#", &[("\"a\"", Some("csharp"))]), None);
    }

    #[test]
    fn kernels() {
        for (metadata, language) in [
            (r#"{"kernelspec":{"name":"ir"}}"#, "r"),
            (r#"{"language_info":{"name":"R"}}"#, "r"),
            (r#"{"kernelspec":{"name":"julia-1.9"}}"#, "julia"),
            (
                r#"{"kernelspec":{"name":"conda-env-x","display_name":"P"},"language_info":{"name":"python"}}"#,
                "python",
            ),
            (r#"{"kernelspec":3}"#, ""),
            ("{}", ""),
        ] {
            check(&format!(r#"{{"metadata":{metadata},"cells":[]}}"#), language, &[]);
        }
    }

    #[test]
    fn what_comes_before_an_error_is_read() {
        let text = r#"{"cells":[{"cell_type":"code","source":"a"},{"cell_type":"code","source":"b"#;
        assert!(check(text, "", &[("\"a\"", None)]).is_some());
        assert!(check("", "", &[]).is_some());
        assert!(check("[]", "", &[]).is_some());
    }
}
