//! Libraries by what is imported.

use crate::look::{Look, extent};
use crate::module::When;
use inventar_analysis::Seen;
use inventar_catalogue::Package;
use inventar_plugin_sdk::{Asset, Method, Usage};
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

impl Look<'_, '_, '_> {
    /// Every import of a listed module, by package.
    pub(crate) fn imports(&mut self) {
        for import in &self.module().imports {
            if import.level > 0 {
                continue;
            }
            // `from google import genai` imports `google.genai`.
            let package = match import.name {
                Some(name) => inventar_catalogue::import("python", &format!("{}.{name}", import.module)),
                None => inventar_catalogue::import("python", import.module),
            };
            let package = match package {
                Some(package) => Some(package),
                None => self.common_import(import.module),
            };
            let Some(package) = package else { continue };
            if self.is_inside(import.module) {
                continue;
            }
            if import.when != When::Typing {
                self.ai = true;
            }
            let usage = match import.when {
                When::Always => Usage::Runtime,
                When::Maybe => Usage::Optional,
                When::Typing => Usage::Development,
            };
            self.package(package, import.range, "import", usage);
        }
        self.late_imports();
    }

    /// A listed package that imports itself does not use itself. A folder of that name deeper inside
    /// (`providers/openai`) is no such package.
    fn is_inside(&self, module: &str) -> bool {
        let top = module.split('.').next().unwrap_or(module);
        let mut before = None;
        for folder in self.out.file().path.split('/') {
            let starts_a_package = before.is_none_or(|before: &str| {
                matches!(before, "src" | "lib" | "python")
                    || before.replace('-', "_") == top.replace('-', "_")
            });
            if folder == top && starts_a_package {
                return true;
            }
            before = Some(folder);
        }
        false
    }

    /// `from agents import Runner`: a module that many projects have themselves, and a name that only the library has.
    fn common_import(&mut self, module: &str) -> Option<&'static Package> {
        const PUBLIC: &[&str] = &[
            "Runner",
            "function_tool",
            "RunContextWrapper",
            "ModelSettings",
            "OpenAIChatCompletionsModel",
            "InputGuardrail",
            "GuardrailFunctionOutput",
            "handoff",
            "WebSearchTool",
            "FileSearchTool",
            "set_tracing_disabled",
            "RunConfig",
            "set_default_openai_client",
            "set_default_openai_api",
            "SQLiteSession",
            "AgentOutputSchema",
            "trace",
            "input_guardrail",
            "output_guardrail",
            "ItemHelpers",
            "MCPServerStdio",
            "OpenAIResponsesModel",
            "TResponseInputItem",
            "RunResult",
            "enable_verbose_stdout_logging",
            "AsyncOpenAI",
            "set_default_openai_key",
        ];
        let package = inventar_catalogue::common_imports("python", module).next()?;
        let top = module.split('.').next().unwrap_or(module);
        let module_of_it = self.module().imports.iter().any(|import| {
            import.level == 0
                && import.module.split('.').next() == Some(top)
                && import.name.is_some_and(|name| PUBLIC.contains(&name))
        });
        if !module_of_it {
            return None;
        }
        let bound =
            self.module().imports.iter().find(|import| import.module.split('.').next() == Some(top))?;
        self.common.push(bound.module.split('.').next().unwrap_or(bound.module));
        Some(package)
    }

    /// `importlib.import_module("openai")`, `__import__("openai")`.
    fn late_imports(&mut self) {
        let module = self.module();
        for name in ["import_module", "__import__"] {
            for at in module.calls_of.get(name).into_iter().flatten() {
                let call = module.calls[*at as usize].node;
                if let Some(Expr::StringLiteral(text)) = call.arguments.args.first()
                    && let Some(package) = inventar_catalogue::import("python", text.value.to_str())
                {
                    self.ai = true;
                    self.package(package, call.range(), "late-import", Usage::Optional);
                }
            }
        }
    }

    fn package(
        &mut self,
        package: &'static Package,
        at: ruff_text_size::TextRange,
        rule: &'static str,
        usage: Usage,
    ) {
        let usage = self.usage.at_most(usage);
        // The first import says it; a later one adds something only when it is less conditional.
        let key = format!("package:{}", package.name);
        if self.packages.get(package.name).is_some_and(|before| *before <= usage) {
            return;
        }
        self.packages.insert(package.name, usage);
        let seen = Seen { at: extent(at), rule, method: Method::Parsed, usage, confidence: 95 };
        self.out.see(&key, seen, |key| {
            Asset::new(key, package.kind, package.name)
                .identifier("purl", package.purl())
                .property("category", package.category)
                .maybe("provider", package.provider)
        });
    }
}
