//! What a call hands out: what it was given, what the environment holds, or something new.

use super::{Flow, Found, MAX_DEPTH, Value, Way};
use crate::outline::{Call, Form, Range};
use crate::scan::Kind;
use crate::text;

impl Flow<'_, '_> {
    /// What a call hands out: what it was given, what the environment holds, or something new.
    pub(super) fn called(&self, id: u32, call: &Call, range: Range, way: &Way, out: &mut Vec<Found>) {
        let name = self.outline.name(call);
        let arguments = self.outline.arguments(call);
        let first = arguments.first().map(|(_, value)| *value);
        let dot = call.name.saturating_sub(1);
        let receiver = (matches!(self.outline.tokens.text(dot), "." | "?." | "::") && dot > range.0)
            .then_some((range.0, dot));
        let path = self.outline.path(call);
        if let Some((name, default)) = self.environment(call, name, &path, &arguments, way.depth) {
            self.push(Value::Env(name.clone()), range, way, out);
            if let Some(default) = default {
                self.collect(default, &Way { env: Some(name), ..way.clone() }, out);
            }
            return;
        }
        match name {
            "format" | "Sprintf" | "Format" | "formatted" | "println" | "formatArgs" | "Sprint"
            | "formatdoc" => {
                let (template, values) = match receiver {
                    // `"…".formatted(x)`.
                    Some(receiver)
                        if self.outline.tokens.kind(receiver.0) == Kind::Text || name == "formatted" =>
                    {
                        (Some(receiver), &arguments[..])
                    }
                    _ => (first, arguments.get(1..).unwrap_or_default()),
                };
                if let Some(template) = template {
                    self.fill(template, values, way, out);
                }
            }
            "include_str" if call.form == Form::Macro => {
                let path = first.and_then(|first| self.first_text(first));
                if let Some(path) = path.filter(|path| path.len() < 400) {
                    self.push(Value::File(path), range, way, out);
                }
            }
            "unwrap_or" | "unwrap_or_else" | "orElse" | "orElseGet" | "getOrElse" | "ifBlank" | "ifEmpty"
            | "or_else" | "GetValueOrDefault" | "map_or" => {
                if let Some(receiver) = receiver {
                    let before = out.len();
                    self.collect(receiver, way, out);
                    let env = out[before..].iter().find_map(|found| match &found.value {
                        Value::Env(name) => Some(name.clone()),
                        _ => None,
                    });
                    if let Some(first) = first {
                        self.collect(
                            first,
                            &Way { env: env.or_else(|| way.env.clone()), ..way.clone() },
                            out,
                        );
                    }
                }
            }
            _ if receiver.is_some() && arguments.len() <= 1 && is_through(name) => {
                if let Some(receiver) = receiver {
                    self.collect(receiver, way, out);
                }
            }
            "listOf" | "asList" | "setOf" | "arrayOf" | "mutableListOf" | "mutableSetOf" | "arrayListOf"
            | "hashSetOf" | "linkedSetOf" | "List" | "Seq" | "Set" | "vec" => {
                self.push(Value::List(arguments.iter().map(|(_, value)| *value).collect()), range, way, out);
            }
            "of" if matches!(
                path.first(),
                Some(&"List" | &"Set" | &"Stream" | &"Arrays" | &"ImmutableList")
            ) =>
            {
                self.push(Value::List(arguments.iter().map(|(_, value)| *value).collect()), range, way, out);
            }
            "Or" | "coalesce" | "firstNonEmpty" | "firstNonBlank" | "Coalesce" => {
                let ends: Vec<u32> = arguments.iter().map(|(_, value)| value.1).collect();
                if let (Some(first), Some((_, rest))) =
                    (first, ends.split_last().map(|(last, rest)| (*last, rest)))
                {
                    self.split((first.0, ends[ends.len() - 1]), rest, way, out);
                }
            }
            _ if is_wrapper(name, &path, self.outline.tokens.text(call.start)) && first.is_some() => {
                if let Some(first) = first {
                    self.collect(first, way, out);
                }
            }
            _ => {
                let own = path.len() <= 2 && call.receiver.is_none() && call.form != Form::New;
                let function =
                    self.outline.declaration(name).filter(|found| own && found.parameters.is_some());
                match function.and_then(|function| {
                    self.outline.declarations.binary_search_by_key(&function.name, |other| other.name).ok()
                }) {
                    Some(function) => self.push(Value::Function(function as u32), range, way, out),
                    None => self.push(Value::Object(id), range, way, out),
                }
            }
        }
    }

    /// `os.Getenv("X")`, `System.getenv().getOrDefault("X", "d")`, `env::var("X")`: the variable and its default.
    fn environment(
        &self,
        call: &Call,
        name: &str,
        path: &[&str],
        arguments: &[(Option<u32>, Range)],
        depth: u8,
    ) -> Option<(String, Option<Range>)> {
        let before = path.len().checked_sub(2).map_or("", |at| path[at]);
        let reads = match name {
            "Getenv"
            | "LookupEnv"
            | "getenv"
            | "GetEnvironmentVariable"
            | "var_os"
            | "GetEnv"
            | "getEnv"
            | "get_env"
            | "getEnvOrDefault"
            | "getenvOrDefault"
            | "envOr"
            | "EnvOr"
            | "getEnvOr"
            | "GetEnvOrDefault"
            | "env_or"
            | "option_env"
            | "mustGetenv"
            | "MustGetenv"
            | "requireEnv"
            | "MustGetEnv"
            | "getEnvVar"
            | "getEnvOrThrow"
            | "GetRequiredEnv"
            | "require_env"
            | "env_var"
            | "getEnvironmentVariable"
            | "getEnvVariable" => true,
            "env" => call.form == Form::Macro || call.receiver.is_none(),
            "var" => {
                before == "env"
                    || self
                        .target(&["var"], call.name)
                        .is_some_and(|target| target.module.ends_with("env::var"))
            }
            "get" | "getOrDefault" | "getOrElse" => {
                call.receiver.is_some_and(|receiver| {
                    self.outline.name(&self.outline.calls[receiver as usize]) == "getenv"
                }) || matches!(before, "env" | "dotenv" | "environment")
            }
            "getProperty" | "getRequiredProperty" => {
                matches!(before, "System" | "env" | "environment") || is_settings(before)
            }
            // `plugin.getConfig().getString("openai.key")`.
            "GetString" | "GetValue" | "BindEnv" | "getString" | "get_string" | "GetSection"
            | "GetRequiredSection" => {
                let of =
                    call.receiver.map(|receiver| self.outline.name(&self.outline.calls[receiver as usize]));
                before == "viper" || is_settings(before) || of.is_some_and(is_settings)
            }
            _ => false,
        };
        if !reads {
            return None;
        }
        let (_, first) = arguments.first()?;
        let name = if first.1 == first.0 + 1 && self.outline.tokens.kind(first.0) == Kind::Text {
            text::read(self.outline.tokens.text(first.0), self.outline.language()).text
        } else {
            let mut found = Vec::new();
            self.collect(*first, &Way { depth: depth.max(MAX_DEPTH - 3), ..Way::default() }, &mut found);
            found.iter().find_map(|found| found.whole().map(str::to_owned))?
        };
        let is_name = !name.is_empty() && name.len() < 100 && !name.contains(char::is_whitespace);
        is_name.then(|| (name, arguments.get(1).map(|(_, value)| *value)))
    }

    /// A template with its values, as far as they are known.
    fn fill(&self, template: Range, values: &[(Option<u32>, Range)], way: &Way, out: &mut Vec<Found>) {
        let mut found = Vec::new();
        self.collect(template, way, &mut found);
        let Some(template) = found.into_iter().find(|found| found.text().is_some()) else { return };
        let text = template.text().unwrap_or_default();
        let mut filled = String::with_capacity(text.len());
        let mut values = values.iter();
        let mut whole = true;
        let mut rest = text;
        let mut count = 0;
        let rust = self.language() == "rust";
        while let Some(at) = rest.find(if rust { '{' } else { '%' }) {
            let hole = &rest[at..];
            let len = if rust {
                hole.find('}').map_or(0, |end| end + 1)
            } else {
                hole[1..].find(|c: char| c.is_ascii_alphabetic() || c == '%').map_or(0, |end| end + 2)
            };
            count += 1;
            if len == 0 || len > 40 || count > 64 {
                break;
            }
            filled.push_str(&rest[..at]);
            let inner = &hole[1..len];
            let name = inner.trim_end_matches('}').split(':').next().unwrap_or_default();
            let value = if rust
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                self.constant(name, template.token, way)
            } else {
                values.next().and_then(|(_, value)| {
                    let mut found = Vec::new();
                    self.collect(*value, way, &mut found);
                    found.iter().find_map(|found| found.whole().map(str::to_owned))
                })
            };
            match value {
                Some(value) if value.len() < 2_000 => filled.push_str(&value),
                _ => {
                    filled.push_str("{}");
                    whole = false;
                }
            }
            rest = &rest[at + len..];
        }
        filled.push_str(rest);
        let token = template.token;
        out.push(Found { value: Value::Text { text: filled, whole }, token, ..template });
    }

    /// The variable of the environment that a call reads.
    pub(crate) fn variable(&self, call: &Call) -> Option<String> {
        let name = self.outline.name(call);
        let path = self.outline.path(call);
        if call.close <= call.open + 1 || !may_read(name) {
            return None;
        }
        self.environment(call, name, &path, &self.outline.arguments(call), 0).map(|(name, _)| name)
    }
}

/// Whether something is called by the settings that it holds.
fn is_settings(name: &str) -> bool {
    name.len() <= 40 && {
        let lower = name.to_ascii_lowercase();
        ["config", "configuration", "properties", "props", "settings"].iter().any(|end| lower.ends_with(end))
    }
}

/// Methods that hand out what they are called on.
fn is_through(name: &str) -> bool {
    matches!(
        name,
        "to_string"
            | "to_owned"
            | "into"
            | "as_str"
            | "clone"
            | "as_ref"
            | "unwrap"
            | "expect"
            | "ok"
            | "trim"
            | "strip"
            | "stripIndent"
            | "trimIndent"
            | "trimMargin"
            | "toString"
            | "getValue"
            | "value"
            | "asString"
            | "Trim"
            | "ToString"
            | "unwrap_or_default"
            | "ok_or"
            | "ok_or_else"
            | "context"
            | "with_context"
            | "orElseThrow"
            | "get"
            | "intern"
            | "as_deref"
            | "map_err"
            | "toLowerCase"
            | "ToLower"
            | "TrimEnd"
            | "TrimStart"
            | "as_bytes"
            | "Value"
            | "getName"
            | "trim_end"
            | "replace"
            | "Replace"
            | "build"
            | "Ptr"
            | "to_vec"
            | "lines"
            | "strip_suffix"
            | "trim_end_matches"
            | "trim_start"
            | "removeSuffix"
            | "stripMargin"
            | "cloned"
            | "into_boxed_str"
    ) && name != "build"
}

/// Functions that hand out their first argument.
fn is_wrapper(name: &str, path: &[&str], start: &str) -> bool {
    match name {
        "String" | "F" | "Ptr" | "StringPtr" | "Opt" | "NewOpt" | "Some" | "Ok" | "ApiKeyCredential"
        | "AzureKeyCredential" | "SecretString" | "URL" | "parse" | "TrimSpace" | "TrimSuffix"
        | "TrimPrefix" | "requireNonNull" | "notNull" | "ThrowIfNull" | "TrimRight" | "Raw" | "ToPtr"
        | "To" | "toPtr" | "ptr" | "PtrTo" | "StringValue" | "Pointer" | "F_" | "Secret" | "byte"
        | "KeyCredential" | "ApiKey" | "concat" | "Str" | "Must" | "Int" | "indoc" | "StringBuilder"
        | "StringBuffer" | "template_jinja2" | "template_fstring" => true,
        "Uri" => start == "new",
        "create" => path.first() == Some(&"URI"),
        "new" => matches!(path.first(), Some(&"Arc" | &"Box" | &"Rc" | &"Cow" | &"SecretString")),
        "from" => matches!(
            path.first(),
            Some(&"String" | &"Cow" | &"Arc" | &"Url" | &"Box" | &"SecretString" | &"Some")
        ),
        "of" => matches!(
            path.first(),
            Some(&"Optional" | &"ChatModel" | &"Model" | &"ResponsesModel" | &"EmbeddingModel")
        ),
        "ofNullable" | "valueOf" | "From" | "FromStr" | "from_str" | "from_static" | "asChatModel" => true,
        // `openai.ChatModel("…")`, `anthropic.Model("…")` are conversions.
        _ => {
            path.len() == 2
                && matches!(
                    name,
                    "ChatModel" | "Model" | "EmbeddingModel" | "ResponsesModel" | "ImageModel" | "AudioModel"
                )
        }
    }
}

/// Names of calls that may read the environment; spares looking at the arguments of all others.
fn may_read(name: &str) -> bool {
    let ends =
        |end: &str| name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end);
    matches!(
        name,
        "var"
            | "get"
            | "env"
            | "getOrDefault"
            | "getOrElse"
            | "getProperty"
            | "getRequiredProperty"
            | "getString"
            | "get_string"
            | "GetSection"
            | "GetRequiredSection"
            | "GetString"
            | "GetValue"
            | "BindEnv"
            | "var_os"
            | "LookupEnv"
            | "GetEnvironmentVariable"
            | "envOr"
            | "EnvOr"
            | "env_or"
            | "option_env"
            | "env_var"
    ) || name.is_ascii()
        && (ends("env")
            || ends("env_var")
            || ends("variable")
            || ends("EnvOr")
            || ends("EnvOrDefault")
            || ends("envOrThrow")
            || ends("EnvVar"))
}
