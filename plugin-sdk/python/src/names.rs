//! What services call their own things: registered models, deployed endpoints.
//!
//! ```python
//! mlflow.pyfunc.load_model("models:/churn@champion")
//! boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="fraud", Body=body)
//! ```
//!
//! The address of a registered model reads like nothing else, so it counts wherever it stands. A bare name counts where
//! a function of the service is given it.

use crate::flow::{Found, Value};
use crate::look::{Look, extent};
use crate::module::ScopeId;
use inventar_analysis::link::Sink;
use inventar_analysis::model::Sighted;
use inventar_analysis::names::{Address, Name, Which, is_name};
use inventar_analysis::{Seen, endpoint};
use inventar_plugin_sdk::Method;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

/// What the second argument of a function of MLflow says, whose first is the name of a registered model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Second {
    Version,
    Alias,
    /// Nothing that says which.
    Other,
}

/// Functions of MLflow that take the name of a registered model first, or as `name=`.
fn named(last: &str) -> Option<Second> {
    Some(match last {
        "get_model_version" | "get_model_version_download_uri" | "update_model_version" => Second::Version,
        "set_model_version_tag" | "transition_model_version_stage" => Second::Version,
        "get_model_version_by_alias" => Second::Alias,
        "create_model_version" | "create_registered_model" | "get_latest_versions" => Second::Other,
        "get_registered_model" | "set_registered_model_alias" | "set_registered_model_tag" => Second::Other,
        "update_registered_model" => Second::Other,
        _ => return None,
    })
}

impl<'a> Look<'_, '_, 'a> {
    /// What a call says by names alone.
    pub(crate) fn service_call(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        match last {
            "invoke_endpoint" | "invoke_endpoint_async" | "invoke_endpoint_with_response_stream" => {
                self.sagemaker_endpoint(call, scope, "EndpointName", "endpoint-call");
            }
            // Other services of AWS name theirs by ARNs, and make them of something else.
            "describe_endpoint" | "update_endpoint" | "update_endpoint_weights_and_capacities" => {
                self.sagemaker_endpoint(call, scope, "EndpointName", "endpoint-name");
            }
            "create_endpoint" if self.flow.keyword(call, scope, "EndpointConfigName").is_some() => {
                self.sagemaker_endpoint(call, scope, "EndpointName", "endpoint-name");
            }
            "create_model_package_group" | "create_model_package" | "list_model_packages" => {
                self.model_group(call, scope, "ModelPackageGroupName");
            }
            "register_model" | "load_model" | "spark_udf" | "download_artifacts" => {
                self.mlflow_address(call, scope, last);
            }
            _ => {
                if let Some(second) = named(last) {
                    self.mlflow_name(call, scope, second);
                }
            }
        }
        let has = |name: &str| call.arguments.find_keyword(name).is_some();
        if has("registered_model_name") {
            self.registered(call, scope, "registered_model_name", None, Which::Any);
        }
        if has("endpoint_name") && self.is_sagemaker(call, scope) {
            self.sagemaker_endpoint(call, scope, "endpoint_name", "endpoint-name");
        } else if last.ends_with("Predictor") && self.is_sagemaker(call, scope) {
            let first = call.arguments.args.first();
            self.endpoint_names(first.map(|first| (first, scope)), call, "endpoint-name");
        }
        if has("model_package_group_name") && self.is_sagemaker(call, scope) {
            self.model_group(call, scope, "model_package_group_name");
        }
    }

    /// `sagemaker.predictor.Predictor`, `langchain_aws.llms.SagemakerEndpoint`.
    fn is_sagemaker(&mut self, call: &'a ast::ExprCall, scope: ScopeId) -> bool {
        self.path_of(call, scope).is_some_and(|path| path.to_ascii_lowercase().contains("sagemaker"))
    }

    /// Whether a call is of MLflow: by its path, or, where that is not known, because the file imports MLflow.
    fn is_mlflow(&mut self, call: &'a ast::ExprCall, scope: ScopeId) -> bool {
        match self.path_of(call, scope) {
            Some(path) if !path.starts_with('.') => path.starts_with("mlflow."),
            _ => self.packages.keys().any(|name| name.starts_with("mlflow")),
        }
    }

    fn sagemaker_endpoint(
        &mut self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        word: &str,
        rule: &'static str,
    ) {
        let named = self.flow.keyword(call, scope, word);
        self.endpoint_names(named, call, rule);
    }

    fn endpoint_names(
        &mut self,
        named: Option<(&'a Expr, ScopeId)>,
        call: &'a ast::ExprCall,
        rule: &'static str,
    ) {
        let Some((value, of)) = named else { return };
        self.busy.push(call.range());
        for found in self.flow.values(value, of) {
            match &found.value {
                Value::Text { text, whole: true } if is_name(text) => {
                    let seen = self.seen(found.at, rule, found.hops, 95);
                    let key = self.out.named_endpoint(&Name::sagemaker_endpoint(text), text, None, seen);
                    self.taken(&found, &key);
                }
                // Known only by the variable that holds its name.
                Value::Env(name) => {
                    let seen = self.seen(found.at, "endpoint-variable", found.hops, 85);
                    self.out.see(&endpoint::variable_key(name), seen, |key| endpoint::variable(key, name));
                }
                Value::Foreign(..) => self.ask(&found, Sink::SagemakerEndpoint, value.range(), None),
                _ => {}
            }
        }
    }

    fn model_group(&mut self, call: &'a ast::ExprCall, scope: ScopeId, word: &str) {
        let Some((value, of)) = self.flow.keyword(call, scope, word) else { return };
        for found in self.flow.values(value, of) {
            let Some(name) = found.whole().filter(|name| is_name(name)) else { continue };
            let seen = self.seen(found.at, "registered-model", found.hops, 95);
            let key = self.out.model(Sighted::of_group(name), seen);
            self.taken(&found, &key);
        }
    }

    /// `load_model("models:/churn/3")`, `register_model(uri, "churn")`.
    fn mlflow_address(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        if !self.is_mlflow(call, scope) {
            return;
        }
        let at = usize::from(last == "spark_udf");
        let position = call.arguments.args.get(at).map(|value| (value, scope));
        let address =
            ["model_uri", "artifact_uri"].iter().find_map(|word| self.flow.keyword(call, scope, word));
        if let Some((value, of)) = address.or(position) {
            for found in self.flow.values(value, of) {
                match &found.value {
                    Value::Text { text, .. } => {
                        if let Some(address) = Address::read(text) {
                            self.address(&found, &address, "registry-address");
                        }
                    }
                    Value::Foreign(..) => {
                        self.ask(&found, Sink::Model { sure: false }, value.range(), None);
                    }
                    _ => {}
                }
            }
        }
        if last == "register_model" {
            self.registered(call, scope, "name", call.arguments.args.get(1), Which::Any);
        }
    }

    /// `client.get_model_version_by_alias("churn", "champion")`.
    fn mlflow_name(&mut self, call: &'a ast::ExprCall, scope: ScopeId, second: Second) {
        if !self.is_mlflow(call, scope) {
            return;
        }
        let which = match second {
            Second::Version => self.second(call, scope, "version").map(|text| Which::read(&text)),
            Second::Alias => {
                self.second(call, scope, "alias").filter(|alias| is_name(alias)).map(Which::Alias)
            }
            Second::Other => None,
        };
        self.registered(call, scope, "name", call.arguments.args.first(), which.unwrap_or(Which::Any));
    }

    /// The second argument, or the named one, as a text.
    fn second(&self, call: &'a ast::ExprCall, scope: ScopeId, word: &str) -> Option<String> {
        let second = call.arguments.args.get(1).map(|value| (value, scope));
        let (value, of) = self.flow.keyword(call, scope, word).or(second)?;
        if let Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(number), .. }) = value {
            return Some(number.to_string());
        }
        self.flow.values(value, of).iter().find_map(|found| found.whole().map(str::to_owned))
    }

    /// The name of a registered model, by a keyword or its position.
    fn registered(
        &mut self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        word: &str,
        position: Option<&'a Expr>,
        which: Which,
    ) {
        let position = position.map(|value| (value, scope));
        let Some((value, of)) = self.flow.keyword(call, scope, word).or(position) else { return };
        for found in self.flow.values(value, of) {
            match &found.value {
                Value::Text { text, whole: true } if is_name(text) => {
                    let address = Address::Model(text.clone().into_owned(), which.clone());
                    self.address(&found, &address, "registered-model");
                }
                Value::Foreign(..) => self.ask(&found, Sink::RegisteredModel, value.range(), None),
                _ => {}
            }
        }
    }

    fn address(&mut self, found: &Found<'a>, address: &Address, rule: &'static str) {
        let seen = self.seen(found.at, rule, found.hops, 95);
        let key = self.out.model(Sighted::registered(address), seen);
        self.taken(found, &key);
    }

    fn taken(&mut self, found: &Found<'a>, key: &str) {
        if let Some(env) = found.env {
            self.out.property(key, "env", env);
        }
        self.taken.insert(found.at.start());
        self.busy.push(found.at);
    }

    /// A literal address that no call has taken.
    pub(crate) fn address_literal(&mut self, node: &'a ast::ExprStringLiteral) {
        if self.taken.contains(&node.range.start()) {
            return;
        }
        let Some(address) = Address::read(node.value.to_str()) else { return };
        let (rule, usage) = ("registry-address", self.usage);
        let seen = Seen { at: extent(node.range), rule, method: Method::Matched, usage, confidence: 80 };
        self.out.model(Sighted::registered(&address), seen);
        self.busy.push(node.range);
    }
}
