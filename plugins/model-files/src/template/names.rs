//! Names that lead out of a template: from any value to its class, from there to every class, and to the system.

use super::expression::Known;

/// Something reached that no chat template needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) what: String,
    /// The loader would run what it leads to.
    pub(super) is_unsafe: bool,
}

impl Access {
    pub(super) fn certain(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_unsafe: true }
    }
    fn odd(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_unsafe: false }
    }
}

/// Attributes beside `__…__` that Jinja's own sandbox forbids, and functions of modules that run or open something.
const FORBIDDEN: &[&str] = &[
    "ag_code",
    "ag_frame",
    "co_code",
    "co_consts",
    "cr_code",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_code",
    "f_globals",
    "f_locals",
    "func_closure",
    "func_code",
    "func_defaults",
    "func_globals",
    "gi_code",
    "gi_frame",
    "gi_yieldfrom",
    "im_class",
    "im_func",
    "im_self",
    "mro",
    "tb_frame",
    "tb_next",
    "check_output",
    "import_module",
    "popen",
    "subclasses",
    "system",
    "load_module",
    "exec_module",
    "get_data",
    "b64decode",
];

/// Functions of Python that no template has, unless it has climbed to them.
const BUILTINS: &[&str] = &[
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "getattr",
    "globals",
    "import_module",
    "input",
    "locals",
    "open",
    "setattr",
    "vars",
    "get_flashed_messages",
    "url_for",
];

/// What stands in every template without being given to it.
const FUNCTIONS: &[&str] = &["cycler", "dict", "joiner", "lipsum", "namespace", "range", "chr"];

fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// A variable.
pub(super) fn variable(name: &str) -> Option<Access> {
    (name.starts_with("__") && name.len() > 2).then(|| Access::certain(name))
}

/// A variable that is called.
pub(super) fn call(name: &str) -> Option<Access> {
    BUILTINS.contains(&name).then(|| Access::certain(name))
}

/// A method that is called: also what a module would run.
pub(super) fn method(name: &str) -> Option<Access> {
    matches!(name, "eval" | "exec" | "call" | "run" | "Popen" | "spawn" | "open").then(|| Access::odd(name))
}

/// `value.name`
pub(super) fn attribute(name: &str, base: &Known) -> Option<Access> {
    if is_dunder(name) || FORBIDDEN.contains(&name) || name.starts_with('_') {
        return Some(Access::certain(name));
    }
    match base {
        Known::Function(function) => Some(Access::certain(format!("{function}.{name}"))),
        _ => None,
    }
}

/// `value['name']`, which is an attribute where there is no such key.
pub(super) fn key(name: &str, base: &Known) -> Option<Access> {
    if is_dunder(name) || FORBIDDEN.contains(&name) && !matches!(name, "system") {
        return Some(Access::certain(name));
    }
    match base {
        Known::Function(function) => Some(Access::certain(format!("{function}[{name}]"))),
        _ => None,
    }
}

/// `value|name(args)`
pub(super) fn filter(name: &str, args: &[Known], named: &[(String, Known)]) -> Vec<Access> {
    let mut out = vec![];
    let mut path = |value: &Known| match value {
        Known::Text(text) => out.extend(text.split('.').filter_map(|part| attribute(part, &Known::Nothing))),
        Known::Nothing | Known::List(_) | Known::Function(_) => {
            out.push(Access::certain("a computed attribute"))
        }
        Known::Number(_) => {}
    };
    match (name, args) {
        ("attr", [first, ..]) => path(first),
        ("map", [Known::Text(filter), Known::Text(attribute), ..]) if filter == "attr" => {
            path(&Known::Text(attribute.clone()))
        }
        ("map", [Known::Text(filter), ..]) if filter == "attr" => path(&Known::Nothing),
        ("selectattr" | "rejectattr" | "groupby", [first, ..]) => path(first),
        _ => {}
    }
    for (key, value) in named {
        if key == "attribute" {
            path(value);
        }
    }
    out
}

/// A constant text: a name that only leads out, or Python that does.
pub(super) fn in_text(text: &str) -> Option<Access> {
    const NAMES: &[&str] = &[
        "__class__",
        "__mro__",
        "__base__",
        "__bases__",
        "__subclasses__",
        "__globals__",
        "__builtins__",
        "__init__",
        "__import__",
        "__getattribute__",
        "__getitem__",
        "__loader__",
        "__reduce__",
        "__code__",
        "__dict__",
    ];
    if NAMES.contains(&text) {
        return Some(Access::certain(text));
    }
    const CODE: &[&str] =
        &["__import__(", ".__class__", ".__globals__", ".__init__", "[__", "__builtins__", "__subclasses__("];
    CODE.iter().find(|code| text.contains(**code)).map(|code| Access::certain(*code))
}

/// Words that hide something from the person who reads the answer.
const HIDING: &[&str] = &[
    "<script",
    "do not mention",
    "don't mention",
    "never mention",
    "do not tell the user",
    "don't tell the user",
    "without telling",
    "do not reveal this",
    "ignore all previous",
    "ignore previous instructions",
    "disregard previous",
    "without informing the user",
    "secretly",
    "do not inform the user",
];

/// A constant text that instructs the model behind the user's back.
pub(super) fn hides(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    HIDING.iter().find(|words| lower.contains(**words)).copied()
}

/// A word of everyday language that a template looks for in what the user wrote.
pub(super) fn is_trigger(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|c| c.is_alphabetic() || c == ' ')
}

/// A sentence.
pub(super) fn is_prose(text: &str) -> bool {
    text.split_whitespace()
        .filter(|word| word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || ",.!?'".contains(c)))
        .count()
        >= 4
}
