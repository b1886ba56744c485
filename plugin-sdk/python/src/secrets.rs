//! Secret references: the names of variables that hold keys of AI services. Names only.

use crate::flow::Value;
use crate::look::Look;
use crate::module::{ClassId, ScopeId, SlotKind, last_part};
use inventar_analysis::link::Sink;
use inventar_analysis::secret::{self, reads_like_key};
use ruff_python_ast::Expr;
use ruff_text_size::{Ranged, TextRange};

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a client takes its key.
    pub(crate) fn key_value(&mut self, value: &'a Expr, scope: ScopeId, ai: bool) {
        for found in self.flow.values(value, scope) {
            match found.value {
                Value::Env(name) if ai && reads_like_key(name) => {
                    self.secret(name, found.at, "client-key", 95)
                }
                Value::Foreign(..) if ai => self.ask(&found, Sink::Key, value.range(), None),
                _ => {}
            }
        }
    }

    fn secret(&mut self, name: &str, at: TextRange, rule: &'static str, confidence: u8) {
        let seen = self.seen(at, rule, 0, confidence);
        self.out.see(&secret::key(name), seen, |key| secret::asset(key, name));
    }

    /// Every variable that is read or set: those the catalogue knows, and others that read like a key and stand in a
    /// class or function that uses AI.
    pub(crate) fn secrets(&mut self) {
        let module = self.module();
        let mut read: Vec<(&'a str, TextRange)> = Vec::new();
        for name in [
            "getenv",
            "get",
            "pop",
            "setdefault",
            "config",
            "env",
            "require_env",
            "get_from_env",
            "get_env",
            "getpass",
        ] {
            for at in module.calls_of.get(name).into_iter().flatten() {
                let call = module.calls[*at as usize].node;
                if let Some(Expr::StringLiteral(text)) = call.arguments.args.first() {
                    let environ = match &*call.func {
                        Expr::Attribute(attribute) => match last_part(&attribute.value) {
                            Some(
                                "environ" | "env" | "os" | "userdata" | "secrets" | "config" | "settings"
                                | "st",
                            ) => true,
                            _ => name != "get" && name != "pop" && name != "setdefault",
                        },
                        _ => true,
                    };
                    if environ {
                        read.push((text.value.to_str(), call.range()));
                    }
                }
            }
        }
        for (subscript, _) in &module.subscripts {
            if let (Some("environ" | "secrets" | "env"), Expr::StringLiteral(text)) =
                (last_part(&subscript.value), &*subscript.slice)
            {
                read.push((text.value.to_str(), subscript.range()));
            }
        }
        for (text, container) in &module.contained {
            if last_part(container) == Some("environ") {
                read.push((text.value.to_str(), text.range()));
            }
        }
        for (name, at) in read {
            self.variable(name, at);
        }
        self.constants();
        self.other_mentions();
        self.settings();
    }

    /// `OPENAI_API_KEY = "…"`: a constant that holds the key itself, or waits for somebody to fill it in.
    fn constants(&mut self) {
        for slot in &self.module().slots {
            if matches!(slot.kind, SlotKind::Assign)
                && slot.value.is_string_literal_expr()
                && inventar_catalogue::secret(slot.name).is_some()
            {
                self.secret(slot.name, slot.value.range(), "key-constant", 90);
            }
        }
    }

    fn variable(&mut self, name: &'a str, at: TextRange) {
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

    /// A known name as the default or value of something that is read later: `api_key_env="OPENAI_API_KEY"`,
    /// `Field(validation_alias="OPENAI_API_KEY")`, lists of keys to check.
    fn other_mentions(&mut self) {
        let module = self.module();
        for literal in &module.literals {
            let text = literal.node.value.to_str();
            if text.len() > 5
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
                && inventar_catalogue::secret(text).is_some()
                && !self.out.has(&secret::key(text))
            {
                self.secret(text, literal.node.range, "key-name", 80);
            }
        }
    }

    /// Fields of settings classes are variables of that name in capitals.
    fn settings(&mut self) {
        for (at, class) in self.module().classes.iter().enumerate() {
            let settings = class.node.bases().iter().any(|base| {
                matches!(
                    last_part(base),
                    Some("BaseSettings" | "Settings" | "EnvSettings" | "BaseAppSettings")
                )
            });
            if !settings || at > 200 {
                continue;
            }
            let mut others: Vec<(String, TextRange)> = Vec::new();
            let mut knows_one = false;
            for stmt in &class.node.body {
                let ruff_python_ast::Stmt::AnnAssign(field) = stmt else { continue };
                let Expr::Name(name) = &*field.target else { continue };
                let variable = name.id.to_ascii_uppercase();
                if let Some(known) = inventar_catalogue::secret(&variable) {
                    knows_one = true;
                    self.secret(known.name, field.range(), "settings-field", 90);
                } else if variable.ends_with("_API_KEY") && !secret::is_of_another_service(&variable) {
                    others.push((variable, field.range()));
                }
            }
            // Beside keys of AI services one that nobody knows is most likely of its kind.
            for (variable, at) in others.iter().filter(|_| knows_one).take(64) {
                self.secret(variable, *at, "settings-field", 65);
            }
        }
    }

    /// Whether AI is in use in the class or, outside classes, in the function around a place.
    fn works_with_ai(&self, at: TextRange) -> bool {
        let module = self.module();
        let around_class = (0..module.classes.len() as ClassId)
            .map(|class| module.classes[class as usize].node.range())
            .filter(|range| range.contains_range(at))
            .min_by_key(|range| range.len());
        let around = around_class.or_else(|| {
            let before = self.bodies.partition_point(|body| body.start() <= at.start());
            before.checked_sub(1).map(|last| self.bodies[last]).filter(|body| body.contains_range(at))
        });
        match around {
            Some(around) => self.busy.iter().any(|place| around.contains_range(*place)),
            None => self.ai && !self.busy.is_empty(),
        }
    }
}
