//! Secret references: the names of variables that hold keys of AI services. Names only.

use crate::flow::Value;
use crate::look::Look;
use crate::module::NodeId;
use inventar_analysis::link::Sink;
use inventar_analysis::secret;
use oxc_span::Span;

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a client takes its key.
    pub(crate) fn key_value(&mut self, value: NodeId, ai: bool) {
        let at = self.module().at(value);
        for found in self.flow.values(value) {
            match found.value {
                Value::Env(name) if ai && secret::reads_like_key(name) => {
                    self.secret(name, found.at, "client-key", 95);
                }
                Value::Foreign(..) if ai => self.ask(&found, Sink::Key, at, None),
                _ => {}
            }
        }
    }

    fn secret(&mut self, name: &str, at: Span, rule: &'static str, confidence: u8) {
        let seen = self.seen(at, rule, 0, confidence);
        self.out.see(&secret::key(name), seen, |key| secret::asset(key, name));
    }

    /// Every variable that is read: those the catalogue knows, and others that read like a key and stand in a function
    /// that uses AI. Then known names that stand as text or as member of a schema.
    pub(crate) fn secrets(&mut self) {
        let module = self.module();
        for (name, node) in &module.variables {
            let at = module.at(*node);
            if inventar_catalogue::secret(name).is_some() {
                self.secret(name, at, "environment", 95);
            } else if name.ends_with("_API_KEY")
                && name.len() > 9
                && !secret::is_of_another_service(name)
                && self.works_with_ai(at)
            {
                self.secret(name, at, "environment", 65);
            }
        }
        for (name, node) in &module.capitals {
            if inventar_catalogue::secret(name).is_some() && !self.out.has(&secret::key(name)) {
                self.secret(name, module.at(*node), "environment", 80);
            }
        }
        for literal in &module.literals {
            let Some(text) = module.text(*literal) else { continue };
            if is_capitals(text)
                && inventar_catalogue::secret(text).is_some()
                && !self.out.has(&secret::key(text))
            {
                self.secret(text, module.at(*literal), "key-name", 80);
            }
        }
        self.schemas();
    }

    /// `createEnv({ server: { OPENAI_API_KEY: z.string() } })`, `interface Env`-like objects, `env: { … }`.
    fn schemas(&mut self) {
        let module = self.module();
        for object in &module.objects {
            for prop in module.members(*object) {
                if let Some(name) = prop.name
                    && is_capitals(name)
                    && inventar_catalogue::secret(name).is_some()
                    && !self.out.has(&secret::key(name))
                {
                    self.secret(name, prop.at, "settings-field", 85);
                }
            }
        }
    }

    /// Whether AI is in use in the function around a place.
    fn works_with_ai(&self, at: Span) -> bool {
        match self.body_around(at) {
            Some(around) => self
                .busy
                .iter()
                .take(2_000)
                .any(|place| around.start <= place.start && place.end <= around.end),
            None => self.ai && !self.busy.is_empty(),
        }
    }
}

fn is_capitals(text: &str) -> bool {
    text.len() > 5
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
