//! Named values beside the fixed fields.

/// A value of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number; never NaN or infinite (lifting replaces those with text).
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Several texts.
    Texts(Vec<String>),
    /// A JSON document as text, known to parse.
    Json(String),
}

/// A named value. Names are kebab-case by convention.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// At most 128 bytes.
    pub name: String,
    /// The value.
    pub value: Value,
}

impl Property {
    /// A property with a text value.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Text(value.into()) }
    }
}
