//! Bicep, as far as its lines go: resources by their quoted types, models by their names.

use crate::look::Look;
use inventar_catalogue::resource_type;
use inventar_plugin_sdk::Asset;

pub(crate) fn read(look: &mut Look<'_>, text: &str) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        let quoted = line.find('\'').and_then(|open| {
            let inner = &line[open + 1..];
            Some((open + 1, &inner[..inner.find('\'')?]))
        });
        let Some((at, quoted)) = quoted else { continue };
        let at = from + at..from + at + quoted.len();
        match words[..] {
            ["resource", name, ..] => {
                let kind = quoted.split('@').next().unwrap_or(quoted);
                let Some(known) = resource_type("arm", kind) else { continue };
                let seen = look.seen(&at, "ai-resource", 90);
                let key = look.out.fresh_key(format!("resource:{name}"));
                look.out.see(&key, seen, |key| {
                    Asset::new(key, "iac-resource", name)
                        .property("resource-type", kind)
                        .property("provider", known.provider)
                        .property("category", known.category)
                });
            }
            // `param chatModel string = 'gpt-4o'`, `name: 'gpt-4o'`.
            ["param" | "var", name, ..] if is_model(name) => {
                look.model(quoted, &at, false, "model-setting");
            }
            [name, ..]
                if name.ends_with(':')
                    && (is_model(name.trim_end_matches(':')) || name == "name:")
                    && inventar_catalogue::model(quoted).is_some() =>
            {
                look.model(quoted, &at, false, "model-setting");
            }
            _ => {}
        }
    }
}

fn is_model(name: &str) -> bool {
    let name = crate::value::snake(name);
    name.contains("model") || name.contains("deployment")
}
